/**
 * Which tokens are read together: 24 words (48 Chinese characters) at a time, a new window every 8 words, and the whole text.
 * Sums over windows come from sums over prefixes, so work is linear however many windows there are. Knows no weights.
 */

import type { Units } from './text-features.ts'

/** 24 words. */
export const windowUnits: Units = 48
/** 8 words. */
export const strideUnits: Units = 16

/** Pairs of token indices, from and to (not included), in order; the last one ends with the text. One pair for a short text. */
export function windowsOf(units: ArrayLike<number>, tokens: number): Int32Array {
  const pairs: number[] = []
  let [to, within, since] = [0, 0, strideUnits]
  for (let from = 0; from < tokens; from += 1) {
    while (to < tokens && within < windowUnits) within += units[to++]!
    if (since >= strideUnits) {
      pairs.push(from, to)
      since = 0
      if (to === tokens) break
    }
    within -= units[from]!
    since += units[from]!
  }
  return Int32Array.from(pairs)
}
