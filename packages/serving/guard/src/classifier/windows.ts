/**
 * Windows over tokens: 24 words (48 Chinese characters) with stride 8, and 12 words with stride 4 for short attacks in long texts. Window
 * sums come from prefix sums, so the time is linear.
 */

import type { Units } from './text-features.ts'

/** 24 and 12 words. */
export const windowSizes: readonly Units[] = [48, 24]

/**
 * Pairs of token indices, end exclusive, in order of size and position; the last one ends with the text.
 *
 * @internal
 */
export function windowsOf(units: ArrayLike<number>, tokens: number): Int32Array {
  const pairs: number[] = []
  for (const size of windowSizes) {
    const stride = size / 3
    let [to, within, since] = [0, 0, stride]
    for (let from = 0; from < tokens; from += 1) {
      while (to < tokens && within < size) within += units[to++]!
      if (since >= stride) {
        // A text that fits into one window needs no smaller ones.
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
