/** Rows in memory as passes: shuffled and endless for training, in order and once for evaluation. */

import { BatchSampler, type SamplerPosition } from '@hadal/nn'
import type { ModelView } from '../kinds/open-model.ts'
import type { Pass, PassSource } from './pass.ts'

/** Rows 0 to `count` - 1, of which any few make a pass. */
export interface Rows<View extends ModelView = ModelView> {
  readonly count: number
  /** Name of a row, in the plural. */
  readonly unit: string
  /** Randomness of a row depends on the row and `turn`, which differs each time it is drawn. */
  pass(indices: readonly number[], turn: number): BarePass<View>
}

/** How rows become training passes. */
export type Sampling = <View extends ModelView>(rows: Rows<View>) => PassSource<View>

/** A pass without its rows' location. */
export type BarePass<View extends ModelView = ModelView> = Pick<
  Pass<View>,
  'weight' | 'tokens' | 'rowsPerSample' | 'loss' | 'measure'
>

export const passOf = <View extends ModelView>(
  rows: Rows<View>,
  indices: readonly number[],
  turn: number,
): Pass<View> => ({
  ...rows.pass(indices, turn),
  rows: indices.length,
  describe: () => `${rows.unit} ${indices.join(', ')}`,
  split: (parts) =>
    evenParts(indices.length, parts).map(([from, to]) => passOf(rows, indices.slice(from, to), turn)),
})

/** Splits 0 to `count` - 1 into contiguous non-empty ranges, as [from, to]. */
export function evenParts(count: number, parts: number): [from: number, to: number][] {
  const made = Math.max(1, Math.min(parts, count))
  const edge = (part: number): number => Math.floor((part * count) / made)
  return Array.from({ length: made }, (_, part) => [edge(part), edge(part + 1)])
}

/** Every row once an epoch, `size` of them a pass, in an order that is a pure function of the seed. */
export class SampledRows<View extends ModelView> implements PassSource<View> {
  readonly #rows: Rows<View>
  readonly #size: number
  readonly #sampler: BatchSampler

  constructor(rows: Rows<View>, size: number, seed: number) {
    this.#rows = rows
    this.#size = size
    this.#sampler = new BatchSampler(rows.count, seed)
  }

  next(): Pass<View> {
    const turn = this.#sampler.position.drawn
    return passOf(this.#rows, this.#sampler.next(this.#size), turn)
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

/** All rows in order, `size` at a time; the last pass takes the remainder. */
export function* passesInOrder<View extends ModelView>(
  rows: Rows<View>,
  size: number,
): Generator<Pass<View>, void> {
  for (let start = 0; start < rows.count; start += size) {
    const length = Math.min(size, rows.count - start)
    yield passOf(
      rows,
      Array.from({ length }, (_, offset) => start + offset),
      0,
    )
  }
}
