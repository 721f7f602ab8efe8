/** Parses length distributions of a command line. */

import type { LengthDistribution } from '@hadal/batching'
import { invalidDistribution } from '../errors.ts'

/** `64`, `uniform:32,128`, `lognormal:64,0.6[,512]` or `pareto:32,1.2[,4096]`. Throws `invalid_distribution`. */
export function parseLengthDistribution(text: string): LengthDistribution {
  const [name, list] = text.includes(':') ? text.split(':', 2) : ['fixed', text]
  const numbers = list!.split(',').map((item) => (item.trim() === '' ? Number.NaN : Number(item)))
  const [first = Number.NaN, second = Number.NaN, third = first * (name === 'pareto' ? 64 : 16)] = numbers
  const isLength = (value: number): boolean => Number.isInteger(value) && value >= 1
  if (name === 'fixed' && numbers.length === 1 && isLength(first)) return { kind: 'fixed', tokens: first }
  if (name === 'uniform' && numbers.length === 2 && isLength(first) && isLength(second) && first <= second)
    return { kind: 'uniform', least: first, most: second }
  const hasTail = numbers.length <= 3 && isLength(first) && second > 0 && isLength(third) && first <= third
  if (name === 'lognormal' && hasTail) return { kind: 'lognormal', median: first, sigma: second, most: third }
  if (name === 'pareto' && hasTail) return { kind: 'pareto', least: first, alpha: second, most: third }
  throw invalidDistribution(text)
}
