/**
 * A sequence's chain of native samplers, as in llama.cpp's own programs: in the requested order, by default with top-k early,
 * so that later samplers see few candidates. Samplers without effect are omitted.
 */

import type { SamplerName } from '../../engine.ts'
import type { ContextPointer, Native, SamplerPointer } from '../binding.ts'
import type { Sampling } from '../messages.ts'
import type { Candidates } from './candidates.ts'
import type { DrySamplers } from './dry-samplers.ts'

/** Number of candidates for mirostat 1 in llama.cpp's programs. */
const mirostatCandidates = 100

export interface SamplerPlace {
  readonly native: Native
  readonly vocabularySize: number
  /** The meaning of a window of -1. */
  readonly contextLength: number
  readonly dry: DrySamplers
  /** Penalties also consider its end. */
  readonly prompt: readonly number[]
  /** Tokens that are never chosen. */
  readonly never: ReadonlySet<number>
}

export class Sampler {
  /** Always takes the most likely candidate. */
  readonly isGreedy: boolean
  /** The biases to add to the logits of candidates passed to `apply`; undefined if none. */
  readonly biases: Float32Array | undefined
  readonly #native: Native
  /** Without the biases: llama.cpp searches for each of them among candidates that are not the whole vocabulary in order. */
  readonly #chain: SamplerPointer
  /** Includes the biases; owns the other chain. */
  readonly #whole: SamplerPointer

  constructor(place: SamplerPlace, sampling: Sampling) {
    this.#native = place.native
    this.isGreedy = isGreedy(sampling)
    const biases = biasesOf(place, sampling)
    this.#chain = chain(place.native, chainOf(place, sampling))
    this.#whole = this.#chain
    if (biases.length === 0) return
    const { vocabularySize, native } = place
    const first = native.llama.samplerInitLogitBias(vocabularySize, biases.length, encodeBiases(biases))
    this.#whole = chain(native, [first, this.#chain])
    this.biases = new Float32Array(vocabularySize)
    for (const [token, bias] of biases) this.biases[token]! += bias
  }

  /**
   * Samples from the logits of a row of the last batch that requested them; any other row aborts the process. Accepts the
   * token.
   */
  sample(ctx: ContextPointer, row: number): number {
    return this.#native.llama.samplerSample(this.#whole, ctx, row)
  }

  /** Filters the candidates and chooses one; there must be at least one. */
  apply(candidates: Candidates): void {
    this.#native.llama.samplerApply(this.#chain, candidates.native)
  }

  /** Appends a token, whatever its source. */
  accept(token: number): void {
    this.#native.llama.samplerAccept(this.#chain, token)
  }

  free(): void {
    this.#native.llama.samplerFree(this.#whole)
  }
}

/** Owns its samplers. */
function chain({ llama }: Native, samplers: Iterable<SamplerPointer>): SamplerPointer {
  const made = llama.samplerChainInit({ no_perf: true })
  for (const sampler of samplers) llama.samplerChainAdd(made, sampler)
  return made
}

/** Includes the tokens that are never chosen. */
function biasesOf({ never }: SamplerPlace, { logitBias }: Sampling): Sampling['logitBias'] {
  return [...logitBias, ...Array.from(never, (token) => [token, Number.NEGATIVE_INFINITY] as const)]
}

function isGreedy({ temperature, dynamicTemperatureRange, mirostat, samplers }: Sampling): boolean {
  // A dynamic temperature can leave 0.
  const moves = dynamicTemperatureRange > 0 && mirostat === 0
  return temperature === 0 && !moves && (mirostat > 0 || samplers.includes('temperature'))
}

/** Everything after the biases; the last one chooses. */
function* chainOf(place: SamplerPlace, sampling: Sampling): Generator<SamplerPointer> {
  const { llama } = place.native
  const { mirostat, mirostatTau, mirostatEta, temperature, seed } = sampling
  if (mirostat > 0 && temperature > 0) {
    yield llama.samplerInitTemp(temperature)
    yield mirostat === 1
      ? llama.samplerInitMirostat(place.vocabularySize, seed, mirostatTau, mirostatEta, mirostatCandidates)
      : llama.samplerInitMirostatV2(seed, mirostatTau, mirostatEta)
    return
  }
  const greedy = isGreedy(sampling)
  if (mirostat === 0)
    for (const name of neededSamplers(sampling, greedy)) yield* samplersFor[name](place, sampling)
  yield greedy ? llama.samplerInitGreedy() : llama.samplerInitDist(seed)
}

/**
 * With greedy sampling, samplers after the temperature have no effect, nor do those that only drop unlikely tokens if nothing
 * else follows.
 */
function neededSamplers(sampling: Sampling, greedy: boolean): readonly SamplerName[] {
  const { samplers, typicalP, xtcProbability, xtcThreshold } = sampling
  if (!greedy) return samplers
  const before = samplers.slice(0, samplers.indexOf('temperature'))
  const last = before.findLastIndex(
    (name) =>
      name === 'penalties' ||
      name === 'dry' ||
      (name === 'typ_p' && typicalP < 1) ||
      (name === 'xtc' && xtcProbability > 0 && xtcThreshold <= 0.5),
  )
  return before.slice(0, last + 1)
}

/** Yields nothing if it would have no effect. */
const samplersFor: Readonly<
  Record<SamplerName, (place: SamplerPlace, sampling: Sampling) => Iterable<SamplerPointer>>
> = {
  *penalties(
    { native: { llama }, vocabularySize, contextLength, prompt },
    { penaltyWindow, repeatPenalty, frequencyPenalty, presencePenalty },
  ) {
    // At most the context length: llama.cpp allocates the whole window.
    const window = Math.min(penaltyWindow < 0 ? contextLength : penaltyWindow, contextLength)
    if (window === 0 || (repeatPenalty === 1 && frequencyPenalty === 0 && presencePenalty === 0)) return
    const sampler = llama.samplerInitPenalties(
      vocabularySize,
      window,
      repeatPenalty,
      frequencyPenalty,
      presencePenalty,
    )
    for (const token of prompt.slice(-window)) llama.samplerAccept(sampler, token)
    yield sampler
  },
  *dry({ native: { llama }, contextLength, dry, prompt }, sampling) {
    const made = dry.create(sampling, contextLength)
    if (made === undefined) return
    for (const token of prompt.slice(-made.window)) llama.samplerAccept(made.sampler, token)
    yield made.sampler
  },
  *top_n_sigma({ native: { llama } }, { topNSigma }) {
    if (topNSigma > 0) yield llama.samplerInitTopNSigma(topNSigma)
  },
  *top_k({ native: { llama } }, { topK }) {
    if (topK > 0) yield llama.samplerInitTopK(topK)
  },
  *typ_p({ native: { llama } }, { typicalP, minKeep }) {
    if (typicalP === 1) return
    // Tokens of probability zero make its entropy NaN, and it then keeps arbitrary tokens.
    yield llama.samplerInitMinP(negligible, 0)
    yield llama.samplerInitTypical(typicalP, minKeep)
  },
  *top_p({ native: { llama } }, { topP, minKeep }) {
    if (topP < 1) yield llama.samplerInitTopP(topP, minKeep)
  },
  *min_p({ native: { llama } }, { minP, minKeep }) {
    if (minP > 0) yield llama.samplerInitMinP(minP, minKeep)
  },
  *xtc({ native: { llama } }, { xtcProbability, xtcThreshold, minKeep, seed }) {
    if (xtcProbability > 0 && xtcThreshold <= 0.5)
      yield llama.samplerInitXtc(xtcProbability, xtcThreshold, minKeep, seed)
  },
  *temperature({ native: { llama } }, { temperature, dynamicTemperatureRange, dynamicTemperatureExponent }) {
    // From its minimum to its maximum. Logits divided by almost zero become NaN.
    const most = temperature + dynamicTemperatureRange
    const least = Math.max(minTemperature, temperature - dynamicTemperatureRange)
    yield dynamicTemperatureRange === 0 || least >= most
      ? llama.samplerInitTemp(temperature)
      : llama.samplerInitTempExt((most + least) / 2, (most - least) / 2, dynamicTemperatureExponent)
  },
}

/** Relative to the probability of the most likely token. */
const negligible = 1e-30
const minTemperature = 1e-3

/** `llama_logit_bias[]`. */
function encodeBiases(biases: Sampling['logitBias']): Uint8Array {
  const bytes = Buffer.alloc(biases.length * 8)
  for (const [index, [token, bias]] of biases.entries()) {
    bytes.writeInt32LE(token, index * 8)
    bytes.writeFloatLE(bias, index * 8 + 4)
  }
  return bytes
}
