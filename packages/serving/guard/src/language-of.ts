/** The language for calibration, by script alone. Reads a bounded number of characters. */

import type { Language } from './check.ts'

const lookedAt = 4096
/** Han characters carry more information than letters. */
const hanWeight = 3
const han = /\p{Script=Han}/u
const latin = /\p{Script=Latin}/u
const letter = /\p{L}/u

/**
 * Long texts are sampled at the start, middle and end.
 *
 * @example
 * ```ts
 * import { languageOf } from '@hadal/guard'
 *
 * languageOf('What is a monad?') // → 'en'
 * languageOf('什么是单子？') // → 'zh'
 * ```
 */
export function languageOf(text: string): Language {
  const third = Math.floor(lookedAt / 3)
  const middle = Math.floor(text.length / 2)
  const seen =
    text.length <= lookedAt
      ? text
      : text.slice(0, third) + text.slice(middle, middle + third) + text.slice(-third)
  let [hans, latins, letters] = [0, 0, 0]
  for (const character of seen) {
    const code = character.codePointAt(0)!
    if (code < 0x41) continue
    if (code < 0x5b || (code > 0x60 && code < 0x7b)) {
      latins += 1
      letters += 1
    } else if (code < 0x80) continue
    else if (han.test(character)) {
      hans += hanWeight
      letters += hanWeight
    } else if (latin.test(character)) {
      latins += 1
      letters += 1
    } else if (letter.test(character)) letters += 1
  }
  if (letters === 0) return 'other'
  if (hans * 2 >= letters) return 'zh'
  return latins * 2 >= letters ? 'en' : 'other'
}
