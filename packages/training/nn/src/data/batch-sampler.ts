/**
 * Which windows make the next batch: a new shuffle every epoch, each window exactly once an epoch, batches running on
 * over the end of one. The order is a pure function of the seed, so its whole state is one position.
 */

import { epochRandom, shuffledIndices } from './shuffle.ts'

/** Number of windows drawn since the start. */
export interface SamplerPosition {
  readonly drawn: number
}

/**
 * Which rows a batch has: each epoch another order, the same for the same seed.
 *
 * @example
 * ```ts
 * import { BatchSampler } from '@hadal/nn'
 *
 * const sampler = new BatchSampler(1_000, 42) // rows, seed
 * sampler.next(4).length // → 4
 * sampler.position // → { drawn: 4 }
 * ```
 */
export class BatchSampler {
  readonly #count: number
  readonly #seed: number
  #drawn = 0
  #epoch = -1
  #order: Uint32Array = new Uint32Array()

  /** Draws from windows 0 to `count` - 1. */
  constructor(count: number, seed: number) {
    this.#count = count
    this.#seed = seed
  }

  next(size: number): number[] {
    return Array.from({ length: size }, () => {
      const epoch = Math.floor(this.#drawn / this.#count)
      if (epoch !== this.#epoch) {
        this.#order = shuffledIndices(this.#count, epochRandom(this.#seed, epoch))
        this.#epoch = epoch
      }
      const index = this.#order[this.#drawn % this.#count]!
      this.#drawn += 1
      return index
    })
  }

  get position(): SamplerPosition {
    return { drawn: this.#drawn }
  }

  /** Epochs drawn so far, with a fraction. */
  get epochs(): number {
    return this.#drawn / this.#count
  }

  restore(position: SamplerPosition): void {
    this.#drawn = position.drawn
  }
}
