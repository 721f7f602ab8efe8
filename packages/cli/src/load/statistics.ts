/** Percentiles of what was measured. */

import type { Percentiles } from '@hadal/batching'

export type Summary = Percentiles

/**
 * Undefined where nothing was measured.
 *
 * @example
 * ```ts
 * import { summarize } from 'hadal'
 *
 * summarize([10, 20, 30])?.mean // → 20
 * summarize([]) // → undefined
 * ```
 */
export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  return {
    count: sorted.length,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1)!,
  }
}

/** Linear between the two nearest ranks, as numpy's default is. `sorted` ascends and is not empty. */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  const rank = fraction * (sorted.length - 1)
  const below = Math.floor(rank)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (rank - below)
}

/**
 * The middle of values; the mean of the two in the middle where they are even.
 *
 * @example
 * ```ts
 * import { median } from 'hadal'
 *
 * median([1, 2, 10]) // → 2
 * median([1, 2, 3, 10]) // → 2.5
 * ```
 */
export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5)
}
