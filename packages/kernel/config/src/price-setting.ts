/** Token prices as a setting: an object in a config file; the same as JSON in text. */

import { z } from 'zod'
import type { Kind } from './kinds.ts'

/**
 * Per million tokens.
 *
 * @example
 * ```ts
 * import type { PriceSetting } from '@hadal/config'
 *
 * const price: PriceSetting = { input: 0.5, cachedInput: 0.1, output: 1.5 } // for a million tokens
 * ```
 */
export interface PriceSetting {
  readonly input: number
  /** For cached prompt tokens; defaults to `input`. */
  readonly cachedInput?: number | undefined
  readonly output: number
}

const amount = z.number().min(0).max(1_000_000)

export const priceSettings: Kind<Readonly<Record<string, PriceSetting>>> = {
  schema: z
    .record(
      z.string().min(1),
      z.strictObject({ input: amount, cachedInput: amount.optional(), output: amount }).readonly(),
    )
    .readonly(),
  expected:
    'an object of names of models, or patterns with `*`, each with an input and an output price and, if need be, a cachedInput price, from 0 to 1000000 a million tokens; in text as JSON',
  read(given) {
    try {
      return JSON.parse(given)
    } catch {
      return given
    }
  },
  show: (prices) => JSON.stringify(prices),
}
