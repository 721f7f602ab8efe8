/** Confidence intervals of proportions. */

/** A count with the confidence interval of its proportion. */
export interface Share {
  readonly count: number
  readonly of: number
  /** 0 if nothing was counted. */
  readonly share: number
  readonly low: number
  readonly high: number
}

/** Two-sided, 95 %. */
const z = 1.959964

/**
 * Wilson score interval, "Probable Inference, the Law of Succession, and Statistical Inference" (1927), at 95 %.
 *
 * @example
 * ```ts
 * import { shareOf } from '@hadal/guard-training'
 *
 * const { share, low, high } = shareOf(9, 10) // with Wilson's interval of 95 %
 * ;[share, low.toFixed(2), high.toFixed(2)] // → [ 0.9, '0.60', '0.98' ]
 * ```
 */
export function shareOf(count: number, of: number): Share {
  if (of === 0) return { count, of, share: 0, low: 0, high: 1 }
  const share = count / of
  const wide = 1 + z ** 2 / of
  const middle = (share + z ** 2 / (2 * of)) / wide
  const reach = (z / wide) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  // For none or all, a bound is exactly 0 or 1; this removes rounding errors.
  return {
    count,
    of,
    share,
    low: count === 0 ? 0 : Math.max(0, middle - reach),
    high: count === of ? 1 : Math.min(1, middle + reach),
  }
}
