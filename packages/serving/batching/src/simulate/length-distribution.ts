/** Distributions of prompt and output lengths: constant, uniform, or long-tailed like real traffic. */

import { normal, type Random } from './random.ts'

export type LengthDistribution =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  /** `sigma` is the standard deviation of the logarithm; draws are capped at `most`. */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number; readonly most: number }
  /** A share of `(least / x) ** alpha` is longer than `x`; draws are capped at `most`. */
  | { readonly kind: 'pareto'; readonly least: number; readonly alpha: number; readonly most: number }

/**
 * An integer number of tokens, at least 1.
 *
 * @example
 * ```ts
 * import { drawLength, seededRandom } from '@hadal/batching'
 *
 * const random = seededRandom(7)
 * drawLength({ kind: 'uniform', least: 10, most: 200 }, random) // → 12
 * ```
 */
export function drawLength(distribution: LengthDistribution, random: Random): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.tokens
    case 'uniform':
      return distribution.least + Math.floor(random() * (distribution.most - distribution.least + 1))
    case 'lognormal': {
      const drawn = Math.round(distribution.median * Math.exp(distribution.sigma * normal(random)))
      return Math.min(distribution.most, Math.max(1, drawn))
    }
    case 'pareto': {
      const drawn = Math.round(distribution.least * (1 - random()) ** (-1 / distribution.alpha))
      return Math.min(distribution.most, Math.max(1, drawn))
    }
  }
}

/**
 * A description of a distribution.
 *
 * @example
 * ```ts
 * import { describeDistribution } from '@hadal/batching'
 *
 * describeDistribution({ kind: 'uniform', least: 10, most: 200 }) // → 'uniform 10 to 200'
 * ```
 */
export function describeDistribution(distribution: LengthDistribution): string {
  switch (distribution.kind) {
    case 'fixed':
      return String(distribution.tokens)
    case 'uniform':
      return `uniform ${distribution.least} to ${distribution.most}`
    case 'lognormal':
      return `lognormal, median ${distribution.median}, sigma ${distribution.sigma}, at most ${distribution.most}`
    case 'pareto':
      return `Pareto, least ${distribution.least}, alpha ${distribution.alpha}, at most ${distribution.most}`
  }
}
