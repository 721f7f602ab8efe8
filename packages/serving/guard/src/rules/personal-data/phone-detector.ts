/**
 * Phone numbers: international (E.164, with `+` and an assigned country code), Chinese mobile, and North American national format. Other
 * national formats are indistinguishable from other numbers.
 */

import { type CharacterClass, characterClass, type Detector } from '../detector.ts'
import { digitsOf, namesOtherNumber, numberDetector, numberForm } from './number-detector.ts'

const within: CharacterClass = characterClass('0-9 ().+-')
const shared = { rule: 'pii.phone', why: 'telephone number', replacement: '[phone]', within, longest: 96 }

/** Digit groups separated by at most a space, hyphen, dot or brackets. */
const international = numberDetector({
  ...shared,
  form: numberForm(String.raw`\+[1-9]\d{0,14}(?:(?: ?\(|\)[ -]?|[ .-])\d{1,8}){0,6}`),
  // The match may include following numbers; the longest valid prefix counts.
  lengthOf(matched) {
    for (let end = matched.length; end > shortest; end = matched.slice(0, end).search(/[ ().-]+\d+$/))
      if (isInternational(matched.slice(0, end))) return end
    return 0
  },
})

/** Including country code and sign. */
const shortest = 9

/** Assigned country codes: ITU-T E.164, list of 2016. */
const countryCode =
  /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-69]\d|3[578]\d|42\d|5[09]\d|6[7-9]\d|8[0578]\d|9[679]\d)/

function isInternational(text: string): boolean {
  const digits = digitsOf(text)
  if (!countryCode.test(digits)) return false
  if (digits.startsWith('1')) return /^1[2-9]\d{2}[2-9]\d{6}$/.test(digits)
  if (digits.startsWith('86')) return /^86(?:1[3-9]\d{9}|[2-9]\d{8,10}|10\d{8})$/.test(digits)
  const isWhole = text.length === digits.length + 1
  return digits.length >= (isWhole ? 10 : 9) && digits.length <= 15
}

/** The three-digit prefixes assigned to mobile numbers. */
const chinese = numberDetector({
  ...shared,
  form: numberForm(
    String.raw`(?:(?:00)?86[ -]?)?1(?:3\d|4[014-9]|5[0-35-9]|6[25-7]|7[0-8]|8\d|9[0-35-9])([ -]?)\d{4}\1\d{4}`,
  ),
  lengthOf: (matched) => matched.length,
  isElse: namesOtherNumber,
})

const american = numberDetector({
  ...shared,
  form: numberForm(String.raw`(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[.-]\d{4}`),
  lengthOf: (matched) => matched.length,
  isElse: namesOtherNumber,
})

export const phoneDetectors: readonly Detector[] = [international, chinese, american]
