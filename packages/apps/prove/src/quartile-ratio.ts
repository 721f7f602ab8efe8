/** Variation between rounds. Pure. */

import { quantile } from '@hadal/base'

/** The upper quartile over the lower; of fewer than five rounds the largest over the smallest. */
export function quartileRatio(values: readonly number[]): number {
  if (values.length < 5) return Math.max(...values) / Math.min(...values)
  return quantile(values, 0.75) / quantile(values, 0.25)
}
