/** Row statistics of a private step: rows drawn, rows clipped, gradient norms. */

import type { Tensor } from '@hadal/tensor'

/** Statistics of one step. Not covered by the privacy guarantee: for the person training, not for publication. */
export interface RowFigures {
  /** Rows drawn. */
  readonly rows: number
  /** Rows whose gradient was clipped. */
  readonly clipped: number
  /** Rows whose gradient was not finite: they contribute nothing. */
  readonly notFinite: number
  /** Median norm of finite gradients; absent if there are none. */
  readonly medianNorm?: number
}

/** The row statistics of `clippedGradients`. */
interface ClippedPass {
  readonly norms: Tensor
  readonly clipped: number
  readonly notFinite: number
}

/** Accumulates row statistics of passes. */
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

  /** Whether rows were drawn but none has a finite gradient. */
  get isLost(): boolean {
    return this.#rows > 0 && this.#notFinite === this.#rows
  }
}
