/**
 * Which tokens are read together: 24 words (48 Chinese characters) at a time, a new window every 8 words; and 12 words, every 4,
 * for attacks that are short within a long text. Sums over windows come from sums over prefixes, so work is linear however
 * many windows there are. Knows no weights.
 */

import type { Units } from './text-features.ts'

/** 24 words and 12. */
export const windowSizes: readonly Units[] = [48, 24]

/** Pairs of token indices, from and to (not included). Of each size in order, the last one ends with the text. */
export function windowsOf(units: ArrayLike<number>, tokens: number): Int32Array {
  const pairs: number[] = []
  for (const size of windowSizes) {
    const stride = size / 3
    let [to, within, since] = [0, 0, stride]
    for (let from = 0; from < tokens; from += 1) {
      while (to < tokens && within < size) within += units[to++]!
      if (since >= stride) {
        // What fits into one of them needs no smaller ones of the same.
        if (from === 0 && to === tokens && pairs.length > 0) break
        pairs.push(from, to)
        since = 0
        if (to === tokens) break
      }
      within -= units[from]!
      since += units[from]!
    }
  }
  return Int32Array.from(pairs)
}
