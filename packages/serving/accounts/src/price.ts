/** The cost of usage. Money is counted in integer millionths of the price unit, so that sums are exact. Currency-agnostic. */

import { matchesPattern } from '@hadal/base'
import type { SettledUsage } from './accounts.ts'

/** Per million tokens. */
export interface Price {
  readonly input: number
  /** For cached prompt tokens; defaults to `input`. */
  readonly cachedInput?: number | undefined
  readonly output: number
}

/** By model name or pattern with `*`; the first match applies. */
export type PriceTable = Readonly<Record<string, Price>>

export function priceOf(prices: PriceTable, model: string): Price | undefined {
  if (Object.hasOwn(prices, model)) return prices[model]
  return Object.entries(prices).find(([pattern]) => matchesPattern(pattern, model))?.[1]
}

/** In millionths, rounded up once. */
export function costMicros(price: Price | undefined, usage: SettledUsage): number {
  if (price === undefined) return 0
  const cached = Math.min(usage.cachedTokens, usage.promptTokens)
  // A price per million tokens equals the price per token in millionths. In thousandths of these, prices are integers.
  const perToken = (amount: number): number => Math.round(amount * 1000)
  const thousandths =
    (usage.promptTokens - cached) * perToken(price.input) +
    cached * perToken(price.cachedInput ?? price.input) +
    usage.completionTokens * perToken(price.output)
  return Math.ceil(thousandths / 1000)
}
