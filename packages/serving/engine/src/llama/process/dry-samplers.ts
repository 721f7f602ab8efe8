/**
 * Creates DRY samplers. llama.cpp searches the whole vocabulary for each sequence breaker, which takes far longer than a step:
 * so it runs on a worker thread, and samplers are cached and cloned.
 */

import type { Native, SamplerPointer } from '../binding.ts'
import type { Sampling } from '../messages.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Minimum size of the cache. */
const minKept = 8

interface DryNative {
  readonly llama: Pick<Native['llama'], 'samplerInitDry' | 'samplerClone' | 'samplerFree'>
}

export class DrySamplers {
  readonly #native: DryNative
  readonly #vocabulary: Pick<Vocabulary, 'pointer' | 'turn'>
  /** Prototypes, never used themselves; least recently cloned first. */
  readonly #kept = new Map<string, SamplerPointer>()
  readonly #maxKept: number

  /** `requests`: maximum number of concurrent preparations; a prepared sampler is not evicted before its request starts. */
  constructor(native: DryNative, vocabulary: Pick<Vocabulary, 'pointer' | 'turn'>, requests: number) {
    this.#native = native
    this.#vocabulary = vocabulary
    this.#maxKept = Math.max(minKept, requests)
  }

  /** Makes a later `create` fast. Returns false if the request was cancelled before its turn. */
  async prepare(sampling: Sampling, contextLength: number, isWanted: () => boolean): Promise<boolean> {
    const args = argumentsOf(sampling, contextLength)
    if (args === undefined || this.#kept.has(JSON.stringify(args))) return true
    const { samplerInitDry } = this.#native.llama
    using _ = await this.#vocabulary.turn()
    if (!isWanted()) return false
    const made = await new Promise<SamplerPointer>((resolve, reject) => {
      samplerInitDry.async(this.#vocabulary.pointer, ...args, args[4].length, (error, sampler) =>
        error ? reject(error) : resolve(sampler),
      )
    })
    this.#keep(JSON.stringify(args), made)
    return true
  }

  /** Owned by the caller; undefined if it would have no effect. */
  create(sampling: Sampling, contextLength: number): { sampler: SamplerPointer; window: number } | undefined {
    const args = argumentsOf(sampling, contextLength)
    if (args === undefined) return undefined
    const { llama } = this.#native
    const key = JSON.stringify(args)
    const kept =
      this.#kept.get(key) ?? llama.samplerInitDry(this.#vocabulary.pointer, ...args, args[4].length)
    this.#keep(key, kept)
    return { sampler: llama.samplerClone(kept), window: args[3] }
  }

  #keep(key: string, made: SamplerPointer): void {
    const before = this.#kept.get(key)
    if (before !== undefined && before !== made) this.#native.llama.samplerFree(before)
    this.#kept.delete(key)
    this.#kept.set(key, made)
    const [oldest] = this.#kept
    if (this.#kept.size <= this.#maxKept || oldest === undefined) return
    this.#kept.delete(oldest[0])
    this.#native.llama.samplerFree(oldest[1])
  }
}

/** Undefined if it is disabled. */
function argumentsOf(
  sampling: Sampling,
  contextLength: number,
):
  | readonly [multiplier: number, base: number, allowed: number, window: number, breakers: readonly string[]]
  | undefined {
  const { dryMultiplier, dryBase, dryAllowedLength, dryPenaltyWindow, drySequenceBreakers } = sampling
  const window = Math.min(dryPenaltyWindow < 0 ? contextLength : dryPenaltyWindow, contextLength)
  const isOff = window === 0 || dryMultiplier === 0 || dryBase < 1
  if (isOff || sampling.mirostat > 0 || !sampling.samplers.includes('dry')) return undefined
  return [dryMultiplier, dryBase, dryAllowedLength, window, drySequenceBreakers]
}
