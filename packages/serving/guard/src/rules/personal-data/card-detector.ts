/** Payment card numbers (ISO/IEC 7812): validated by issuer, length and check digit; contiguous or in their printed groups. */

import { characterClass, type Detector } from '../detector.ts'
import { digitsOf, namesOtherNumber, numberDetector, numberForm } from './number-detector.ts'

export const cardDetector: Detector = numberDetector({
  rule: 'pii.card',
  why: 'number of a payment card',
  replacement: '[card]',
  form: numberForm(
    String.raw`\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{6}[ -]\d{13}`,
  ),
  within: characterClass('0-9 .-'),
  longest: 32,
  lengthOf(matched) {
    if (isCard(digitsOf(matched))) return matched.length
    // Digits after a sixteen-digit number may or may not belong to it.
    const sixteen = matched.slice(0, 19)
    return matched.length > 19 && isCard(digitsOf(sixteen)) ? 19 : 0
  },
  isElse: namesOtherNumber,
})

export function isCard(digits: string): boolean {
  return (
    hasLuhn(digits) &&
    issuers.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits))
  )
}

/** Visa, Mastercard, American Express, Discover, JCB, Diners Club, UnionPay, Maestro, Mir. */
const issuers: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [16, 19] },
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(?:6011|64[4-9]|65)/, lengths: [16, 19] },
  { prefix: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { prefix: /^3(?:0[0-5]|[689])/, lengths: [14] },
  { prefix: /^62/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, lengths: [16, 18, 19] },
  { prefix: /^220[0-4]/, lengths: [16] },
]

/** Luhn check digit (ISO/IEC 7812-1, annex B). A single repeated digit passes it but is not a card. */
function hasLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48
    const doubled = at % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0 && new Set(digits).size > 1
}
