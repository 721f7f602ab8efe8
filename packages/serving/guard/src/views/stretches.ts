/** Words in a row that look more like language when read another way. Knows pairs of letters, no words. */

import type { Span } from '../check.ts'
import { minGain } from './clues.ts'
import { letterOf, type PairTable } from './letter-pairs.ts'

/** No word is longer, and noise of any length gains enough by chance. */
const longestWord = 64
/** Between words of one text. */
const longestGap = 8
/** Fewer gain by being abbreviations. */
const minLetters = 10

/** Names of versions and hashes have digits, words have none. */
const isDigit = (code: number): boolean => code >= 48 && code < 58

/**
 * From the first to the last letter of each. The gain of a stretch is the sum of its pairs' and may nowhere be lost again
 * (Kadane's maximal segments).
 */
export function stretchesOf(text: string, gains: PairTable): Span[] {
  const stretches: Span[] = []
  let [start, end, sum, most, wordEnd] = [-1, -1, 0, 0, 0]
  const close = (): void => {
    if (most >= minGain && end - start >= minLetters) stretches.push({ start, end })
    start = -1
    sum = 0
    most = 0
  }
  for (let at = 0; at < text.length; at += 1) {
    let letter = letterOf(text.charCodeAt(at))
    if (letter === 0) continue
    const wordStart = at
    let gain = 0
    let before = 0
    for (; letter > 0; letter = at < text.length ? letterOf(text.charCodeAt(at)) : 0) {
      gain += gains[(before << 5) | letter]!
      before = letter
      at += 1
    }
    gain += gains[before << 5]!
    if (
      at - wordStart > longestWord ||
      isDigit(text.charCodeAt(at)) ||
      isDigit(text.charCodeAt(wordStart - 1))
    ) {
      close()
      wordEnd = at
      continue
    }
    if (wordStart - wordEnd > longestGap) close()
    wordEnd = at
    if (start < 0) start = wordStart
    sum += gain
    if (sum > most) {
      most = sum
      end = at
    } else if (sum <= 0 || most - sum >= minGain) close()
  }
  close()
  return stretches
}
