/** How long prompts and answers are: always the same, uniform, or lognormal as real traffic is. */

import { invalidDistribution } from '../errors.ts'
import { normal, type Random } from './random.ts'

export type LengthDistribution =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  /** `sigma` is the standard deviation of the logarithm; draws above `most` are cut to it. */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number; readonly most: number }

/** `64`, `uniform:32,128`, `lognormal:64,0.6` or `lognormal:64,0.6,512`. Throws `invalid_distribution`. */
export function parseLengthDistribution(text: string): LengthDistribution {
  const [name, list] = text.includes(':') ? text.split(':', 2) : ['fixed', text]
  const numbers = list!.split(',').map((item) => (item.trim() === '' ? Number.NaN : Number(item)))
  const [first = Number.NaN, second = Number.NaN, third = first * 16] = numbers
  const isLength = (value: number): boolean => Number.isInteger(value) && value >= 1
  if (name === 'fixed' && numbers.length === 1 && isLength(first)) return { kind: 'fixed', tokens: first }
  if (name === 'uniform' && numbers.length === 2 && isLength(first) && isLength(second) && first <= second)
    return { kind: 'uniform', least: first, most: second }
  const isLognormal =
    numbers.length <= 3 && isLength(first) && second > 0 && isLength(third) && first <= third
  if (name === 'lognormal' && isLognormal)
    return { kind: 'lognormal', median: first, sigma: second, most: third }
  throw invalidDistribution(text)
}

/** A whole number of tokens, at least 1. */
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
  }
}

export function describeDistribution(distribution: LengthDistribution): string {
  switch (distribution.kind) {
    case 'fixed':
      return String(distribution.tokens)
    case 'uniform':
      return `uniform ${distribution.least} to ${distribution.most}`
    case 'lognormal':
      return `lognormal, median ${distribution.median}, sigma ${distribution.sigma}, at most ${distribution.most}`
  }
}
