/** Summary statistics. Pure. */

/**
 * The quantile for a `share` from 0 to 1, linearly interpolated like numpy's `quantile` (definition 7 of Hyndman and Fan,
 * 1996). NaN if there are no values.
 *
 * @example
 * ```ts
 * import { quantile } from '@hadal/base'
 *
 * quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) // → 9.1
 * ```
 */
export function quantile(values: Iterable<number>, share: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), share)
}

/** The same for values in ascending order. @internal */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const rank = share * (sorted.length - 1)
  const below = Math.floor(rank)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (rank - below)
}

/**
 * The median; NaN if there are no values.
 *
 * @example
 * ```ts
 * import { median } from '@hadal/base'
 *
 * median([1, 2, 10]) // → 2
 * median([1, 2, 3, 10]) // → 2.5
 * ```
 */
export const median = (values: Iterable<number>): number => quantile(values, 0.5)
