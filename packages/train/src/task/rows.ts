/** Rows in memory as passes: shuffled and endless for training, in order and once for evaluation. */

import { BatchSampler, type SamplerPosition } from '@hadal/nn'
import type { Pass, PassSource } from './pass.ts'

/** Rows 0 to `count` - 1, of which any few make a pass. */
export interface Rows {
  readonly count: number
  /** What a row is, in the plural. */
  readonly unit: string
  pass(indices: readonly number[]): BarePass
}

/** What a pass is apart from where its rows are. */
export type BarePass = Pick<Pass, 'weight' | 'tokens' | 'loss'>

const passOf = (rows: Rows, indices: readonly number[]): Pass => ({
  ...rows.pass(indices),
  describe: () => `${rows.unit} ${indices.join(', ')}`,
  split: (parts) =>
    evenParts(indices.length, parts).map(([from, to]) => passOf(rows, indices.slice(from, to))),
})

/** 0 to `count` - 1 in so many runs of neighbours, from and to, none of them empty. */
export function evenParts(count: number, parts: number): [from: number, to: number][] {
  const made = Math.max(1, Math.min(parts, count))
  const edge = (part: number): number => Math.floor((part * count) / made)
  return Array.from({ length: made }, (_, part) => [edge(part), edge(part + 1)])
}

/** Every row once an epoch, `size` of them a pass, in an order that is a pure function of the seed. */
export class SampledRows implements PassSource {
  readonly #rows: Rows
  readonly #size: number
  readonly #sampler: BatchSampler

  constructor(rows: Rows, size: number, seed: number) {
    this.#rows = rows
    this.#size = size
    this.#sampler = new BatchSampler(rows.count, seed)
  }

  next(): Pass {
    return passOf(this.#rows, this.#sampler.next(this.#size))
  }

  get position(): SamplerPosition {
    return this.#sampler.position
  }

  restore(position: unknown): void {
    this.#sampler.restore(position as SamplerPosition)
  }

  get epochs(): number {
    return this.#sampler.epochs
  }
}

/** All rows in order, `size` at a time; the last pass has what is left. */
export function* passesInOrder(rows: Rows, size: number): Generator<Pass, void> {
  for (let start = 0; start < rows.count; start += size) {
    const length = Math.min(size, rows.count - start)
    yield passOf(
      rows,
      Array.from({ length }, (_, offset) => start + offset),
    )
  }
}
