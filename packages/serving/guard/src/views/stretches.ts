/** Finds sequences of words that look more like language after a transform, by letter pairs. */

import type { Span } from '../check.ts'
import { minGain } from './clues.ts'
import { letterOf, type PairTable } from './letter-pairs.ts'

/** Maximum word length; long noise gains enough by chance. */
const longestWord = 64
/** Maximum gap within a sequence. */
const longestGap = 8
/** Shorter sequences may be abbreviations. */
const minLetters = 10

/** Version names and hashes contain digits, words do not. */
const isDigit = (code: number): boolean => code >= 48 && code < 58

/** From first to last letter. A sequence's gain is the sum over its pairs and must never be lost again (Kadane's maximal segments). */
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
