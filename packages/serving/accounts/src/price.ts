/**
 * What usage costs. Money is counted in whole millionths of whatever unit the prices are in, so that sums are exact. Knows
 * nothing of currencies.
 */

import { matchesPattern } from '@hadal/base'
import type { SettledUsage } from './accounts.ts'

/** Per million tokens. */
export interface Price {
  readonly input: number
  /** Of prompt tokens that were found in a cache; as `input` where nothing is said. */
  readonly cachedInput?: number | undefined
  readonly output: number
}

/** By name of a model or pattern with `*`; the first that fits. */
export type PriceTable = Readonly<Record<string, Price>>

export function priceOf(prices: PriceTable, model: string): Price | undefined {
  if (Object.hasOwn(prices, model)) return prices[model]
  return Object.entries(prices).find(([pattern]) => matchesPattern(pattern, model))?.[1]
}

/** In millionths, rounded up once. */
export function costMicros(price: Price | undefined, usage: SettledUsage): number {
  if (price === undefined) return 0
  const cached = Math.min(usage.cachedTokens, usage.promptTokens)
  // A price per million tokens in money is the price per token in millionths. In thousandths of those, prices are whole.
  const perToken = (amount: number): number => Math.round(amount * 1000)
  const thousandths =
    (usage.promptTokens - cached) * perToken(price.input) +
    cached * perToken(price.cachedInput ?? price.input) +
    usage.completionTokens * perToken(price.output)
  return Math.ceil(thousandths / 1000)
}
