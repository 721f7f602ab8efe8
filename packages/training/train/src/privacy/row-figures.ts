/** What the rows of a private step come to: how many there were, how many were shortened, how long they are. */

import type { Tensor } from '@hadal/tensor'

/** Of one step. None of it is covered by what is promised: numbers for who trains, not to be told further. */
export interface RowFigures {
  /** That were drawn. */
  readonly rows: number
  /** Of them, those whose gradient was longer than may be and was shortened. */
  readonly clipped: number
  /** Of them, those whose gradient was not finite: they add nothing. */
  readonly notFinite: number
  /** Of the lengths of finite gradients; absent where there is none. */
  readonly medianNorm?: number
}

/** What `clippedGradients` says of some rows. */
interface ClippedPass {
  readonly norms: Tensor
  readonly clipped: number
  readonly notFinite: number
}

/** Adds up what passes say of their rows. */
export class RowCount {
  readonly #norms: number[] = []
  #rows = 0
  #clipped = 0
  #notFinite = 0

  add({ norms, clipped, notFinite }: ClippedPass): void {
    const each = norms.toArray() as number[]
    this.#rows += each.length
    this.#clipped += clipped
    this.#notFinite += notFinite
    for (const norm of each) if (Number.isFinite(norm)) this.#norms.push(norm)
  }

  get figures(): RowFigures {
    const sorted = Float64Array.from(this.#norms).sort()
    const medianNorm = sorted[sorted.length >> 1]
    return {
      rows: this.#rows,
      clipped: this.#clipped,
      notFinite: this.#notFinite,
      ...(medianNorm !== undefined && { medianNorm }),
    }
  }

  /** Whether there were rows, and none of them with a gradient that is finite. */
  get isLost(): boolean {
    return this.#rows > 0 && this.#notFinite === this.#rows
  }
}
