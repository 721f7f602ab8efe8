/**
 * Poisson sampling for private training: each row is in a step independently with the same probability, so a step's size varies and
 * may be zero. Rows are read in passes that fit in memory.
 */

import type { ModelView } from '../kinds/open-model.ts'
import { drawRows, type RandomWords, secureWords, seededWords } from '../privacy/draw-rows.ts'
import type { Pass, PassSource } from './pass.ts'
import { passOf, type Rows } from './rows.ts'

export interface PoissonSampling {
  /** Probability of each row to be in a step. */
  readonly sampleRate: number
  /** Upper bound. */
  readonly rowsPerPass: number
  /** Undefined: drawn by the system, others each time. */
  readonly seed: number | undefined
}

/** Number of steps drawn so far. */
export interface PoissonPosition {
  readonly steps: number
}

export class PoissonRows<View extends ModelView> implements PassSource<View> {
  readonly #rows: Rows<View>
  readonly #sampling: PoissonSampling
  #steps = 0

  constructor(rows: Rows<View>, sampling: PoissonSampling) {
    this.#rows = rows
    this.#sampling = sampling
  }

  /** None where no row was drawn. */
  nextStep(): Pass<View>[] {
    const { sampleRate, rowsPerPass, seed } = this.#sampling
    const words: RandomWords = seed === undefined ? secureWords : seededWords(seed, this.#steps)
    this.#steps += 1
    const drawn = drawRows(this.#rows.count, sampleRate, words)
    const passes: Pass<View>[] = []
    for (let start = 0; start < drawn.length; start += rowsPerPass)
      passes.push(passOf(this.#rows, drawn.slice(start, start + rowsPerPass), this.#steps))
    return passes
  }

  /** Not available: passes come per step. */
  next(): never {
    throw new Error('private rows are drawn a step at a time')
  }

  get position(): PoissonPosition {
    return { steps: this.#steps }
  }

  restore(position: unknown): void {
    this.#steps = (position as PoissonPosition).steps
  }

  /** Epochs of an equivalent run with batches of the expected size. */
  get epochs(): number {
    return this.#steps * this.#sampling.sampleRate
  }
}
