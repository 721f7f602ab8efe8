/** Percentiles of measurements. */

import { quantileOfSorted } from '@hadal/base'
import type { Percentiles } from '@hadal/batching'

export type Summary = Percentiles

/**
 * Undefined without measurements.
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
    p50: quantileOfSorted(sorted, 0.5),
    p90: quantileOfSorted(sorted, 0.9),
    p95: quantileOfSorted(sorted, 0.95),
    p99: quantileOfSorted(sorted, 0.99),
    max: sorted.at(-1)!,
  }
}
