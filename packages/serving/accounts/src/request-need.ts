/** The estimated and actual consumption of a request, in the units of its key's limits. */

import type { SettledUsage } from './accounts.ts'
import type { KeyLimits } from './key-record.ts'
import type { Need } from './key-share.ts'
import { costMicros, type Price } from './price.ts'

/** In the unit of the key's budget. */
export function needOf({ budget }: KeyLimits, price: Price | undefined, usage: SettledUsage): Need {
  const tokens = usage.promptTokens + usage.completionTokens
  return { tokens, budget: budget?.unit === 'micros' ? costMicros(price, usage) : tokens }
}

/** Larger counts are invalid, and their cost would lose precision. */
const maxTokens = 2 ** 31

/** Sanitises the token counts of an engine. */
export function wholeUsage({ promptTokens, cachedTokens, completionTokens }: SettledUsage): SettledUsage {
  const whole = (count: number): number => (count > 0 ? Math.min(Math.round(count), maxTokens) : 0)
  return {
    promptTokens: whole(promptTokens),
    cachedTokens: whole(cachedTokens),
    completionTokens: whole(completionTokens),
  }
}
