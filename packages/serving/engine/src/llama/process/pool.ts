/**
 * Pools token vectors incrementally. Pure. llama.cpp pools only within one micro-batch; done here, a text can be computed in
 * any number of passes.
 */

import type { Pooling } from '../../engine.ts'

export class Pool {
  readonly #pooling: Pooling
  readonly #width: number
  /** In double precision: the sum of a long text. */
  readonly #sum: Float64Array | undefined
  #vectors: Float32Array[] = []
  #tokens = 0

  constructor(pooling: Pooling, width: number) {
    this.#pooling = pooling
    this.#width = width
    this.#sum = pooling === 'mean' ? new Float64Array(width) : undefined
  }

  /** `rows` holds concatenated vectors of the next tokens; not retained. */
  add(rows: Float32Array): void {
    const width = this.#width
    const count = rows.length / width
    const row = (at: number): Float32Array => rows.slice(at * width, (at + 1) * width)
    if (this.#sum !== undefined) {
      for (let from = 0; from < rows.length; from += width)
        for (let at = 0; at < width; at += 1) this.#sum[at]! += rows[from + at]!
    } else if (this.#pooling === 'last') this.#vectors = [row(count - 1)]
    else if (this.#pooling === 'none') for (let at = 0; at < count; at += 1) this.#vectors.push(row(at))
    else if (this.#tokens === 0) this.#vectors = [row(0)]
    this.#tokens += count
  }

  /** A single vector; with pooling `none`, one per token. */
  get vectors(): readonly Float32Array[] {
    if (this.#sum === undefined) return this.#vectors
    return [Float32Array.from(this.#sum, (sum) => sum / this.#tokens)]
  }
}
