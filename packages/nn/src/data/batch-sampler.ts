/**
 * Which windows make the next batch: a new shuffle every epoch, each window exactly once an epoch, batches running on
 * over the end of one. The order is a pure function of the seed, so its whole state is one position.
 */

/** How many windows were drawn since the beginning. */
export interface SamplerPosition {
  readonly drawn: number
}

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
        this.#order = shuffled(this.#count, this.#seed, epoch)
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

/** Fisher-Yates over 0 to count - 1, driven by seed and epoch alone. */
function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const random = mulberry32(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b))
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const swap = order[i]!
    order[i] = order[j]!
    order[j] = swap
  }
  return order
}

/** A small deterministic generator of numbers in [0, 1) (Tommy Ettinger's mulberry32). */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
