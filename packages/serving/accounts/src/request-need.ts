/** What a request may come to, or came to, as its key is limited. */

import type { SettledUsage } from './accounts.ts'
import type { KeyLimits } from './key-record.ts'
import type { Need } from './key-share.ts'
import { costMicros, type Price } from './price.ts'

/** In the unit of the key's budget. */
export function needOf({ budget }: KeyLimits, price: Price | undefined, usage: SettledUsage): Need {
  const tokens = usage.promptTokens + usage.completionTokens
  return { tokens, budget: budget?.unit === 'micros' ? costMicros(price, usage) : tokens }
}

/** More is no count of tokens, and what it costs would be no exact number any more. */
const maxTokens = 2 ** 31

/** Whatever an engine says of itself, as counts. */
export function wholeUsage({ promptTokens, cachedTokens, completionTokens }: SettledUsage): SettledUsage {
  const whole = (count: number): number => (count > 0 ? Math.min(Math.round(count), maxTokens) : 0)
  return {
    promptTokens: whole(promptTokens),
    cachedTokens: whole(cachedTokens),
    completionTokens: whole(completionTokens),
  }
}
