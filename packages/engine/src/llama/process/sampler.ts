/**
 * One sequence's chain of native samplers, as llama.cpp's own programs build it: the request's order, by default top-k
 * early, so that the rest sees few candidates. Samplers that would change nothing are left out.
 */

import type { SamplerName } from '../../engine.ts'
import type { ContextPointer, Native, SamplerPointer } from '../binding.ts'
import type { Sampling } from '../messages.ts'
import type { Candidates } from './candidates.ts'
import type { DrySamplers } from './dry-samplers.ts'

/** How many candidates mirostat 1 looks at, in llama.cpp's programs. */
const mirostatCandidates = 100

export interface SamplerPlace {
  readonly native: Native
  readonly vocabularySize: number
  /** Windows of -1 are as long as this. */
  readonly contextLength: number
  readonly dry: DrySamplers
  /** Penalties look back at its end, too. */
  readonly prompt: readonly number[]
  /** Tokens that are never chosen. */
  readonly never: ReadonlySet<number>
}

export class Sampler {
  /** Always takes the likeliest of what is left. */
  readonly isGreedy: boolean
  readonly #native: Native
  readonly #chain: SamplerPointer

  constructor(place: SamplerPlace, sampling: Sampling) {
    this.#native = place.native
    this.#chain = place.native.llama.samplerChainInit({ no_perf: true })
    this.isGreedy = isGreedy(sampling)
    for (const sampler of chainOf(place, sampling)) place.native.llama.samplerChainAdd(this.#chain, sampler)
  }

  /** From the logits of a row of the last batch that asked for them; any other row ends the process. Accepts the token. */
  sample(ctx: ContextPointer, row: number): number {
    return this.#native.llama.samplerSample(this.#chain, ctx, row)
  }

  /** Leaves what may be chosen and chooses; at least one candidate must be there. */
  apply(candidates: Candidates): void {
    this.#native.llama.samplerApply(this.#chain, candidates.native)
  }

  /** The token follows, whoever chose it. */
  accept(token: number): void {
    this.#native.llama.samplerAccept(this.#chain, token)
  }

  free(): void {
    this.#native.llama.samplerFree(this.#chain)
  }
}

function isGreedy({ temperature, dynamicTemperatureRange, mirostat, samplers }: Sampling): boolean {
  // A moving temperature can leave 0.
  const moves = dynamicTemperatureRange > 0 && mirostat === 0
  return temperature === 0 && !moves && (mirostat > 0 || samplers.includes('temperature'))
}

/** The last one chooses. */
function* chainOf(place: SamplerPlace, sampling: Sampling): Generator<SamplerPointer> {
  const { llama } = place.native
  const { mirostat, mirostatTau, mirostatEta, temperature, seed } = sampling
  const bans = Array.from(place.never, (token) => [token, Number.NEGATIVE_INFINITY] as const)
  const biases = [...sampling.logitBias, ...bans]
  if (biases.length > 0)
    yield llama.samplerInitLogitBias(place.vocabularySize, biases.length, encodeBiases(biases))
  if (mirostat > 0 && temperature > 0) {
    yield llama.samplerInitTemp(temperature)
    yield mirostat === 1
      ? llama.samplerInitMirostat(place.vocabularySize, seed, mirostatTau, mirostatEta, mirostatCandidates)
      : llama.samplerInitMirostatV2(seed, mirostatTau, mirostatEta)
    return
  }
  const greedy = isGreedy(sampling)
  if (mirostat === 0)
    for (const name of neededSamplers(sampling, greedy)) {
      const sampler = newSampler[name](place, sampling)
      if (sampler !== undefined) yield sampler
    }
  yield greedy ? llama.samplerInitGreedy() : llama.samplerInitDist(seed)
}

/** Nothing after the temperature changes what is greedily chosen; before it, only some of the samplers do. */
function neededSamplers(sampling: Sampling, greedy: boolean): readonly SamplerName[] {
  const { samplers, typicalP, xtcProbability, xtcThreshold } = sampling
  if (!greedy) return samplers
  const before = samplers.slice(0, samplers.indexOf('temperature'))
  const dropsBest =
    (before.includes('typ_p') && typicalP < 1) ||
    (before.includes('xtc') && xtcProbability > 0 && xtcThreshold <= 0.5)
  return dropsBest ? before : before.filter((name) => name === 'penalties' || name === 'dry')
}

/** Undefined where it would change nothing. */
const newSampler: Readonly<
  Record<SamplerName, (place: SamplerPlace, sampling: Sampling) => SamplerPointer | undefined>
> = {
  penalties(
    { native: { llama }, vocabularySize, contextLength, prompt },
    { penaltyWindow, repeatPenalty, frequencyPenalty, presencePenalty },
  ) {
    // As long as the context at most: llama.cpp makes room for all of it.
    const window = Math.min(penaltyWindow < 0 ? contextLength : penaltyWindow, contextLength)
    if (window === 0 || (repeatPenalty === 1 && frequencyPenalty === 0 && presencePenalty === 0))
      return undefined
    const sampler = llama.samplerInitPenalties(
      vocabularySize,
      window,
      repeatPenalty,
      frequencyPenalty,
      presencePenalty,
    )
    for (const token of prompt.slice(-window)) llama.samplerAccept(sampler, token)
    return sampler
  },
  dry({ native: { llama }, contextLength, dry, prompt }, sampling) {
    const made = dry.create(sampling, contextLength)
    if (made === undefined) return undefined
    for (const token of prompt.slice(-made.window)) llama.samplerAccept(made.sampler, token)
    return made.sampler
  },
  top_n_sigma: ({ native: { llama } }, { topNSigma }) =>
    topNSigma > 0 ? llama.samplerInitTopNSigma(topNSigma) : undefined,
  top_k: ({ native: { llama } }, { topK }) => (topK > 0 ? llama.samplerInitTopK(topK) : undefined),
  typ_p: ({ native: { llama } }, { typicalP, minKeep }) =>
    typicalP < 1 ? llama.samplerInitTypical(typicalP, minKeep) : undefined,
  top_p: ({ native: { llama } }, { topP, minKeep }) =>
    topP < 1 ? llama.samplerInitTopP(topP, minKeep) : undefined,
  min_p: ({ native: { llama } }, { minP, minKeep }) =>
    minP > 0 ? llama.samplerInitMinP(minP, minKeep) : undefined,
  xtc: ({ native: { llama } }, { xtcProbability, xtcThreshold, minKeep, seed }) =>
    xtcProbability > 0 && xtcThreshold <= 0.5
      ? llama.samplerInitXtc(xtcProbability, xtcThreshold, minKeep, seed)
      : undefined,
  temperature: ({ native: { llama } }, sampling) =>
    llama.samplerInitTempExt(
      sampling.temperature,
      sampling.dynamicTemperatureRange,
      sampling.dynamicTemperatureExponent,
    ),
}

/** `llama_logit_bias[]`. */
function encodeBiases(biases: Sampling['logitBias']): Uint8Array {
  const bytes = Buffer.alloc(biases.length * 8)
  for (const [index, [token, bias]] of biases.entries()) {
    bytes.writeInt32LE(token, index * 8)
    bytes.writeFloatLE(bias, index * 8 + 4)
  }
  return bytes
}
