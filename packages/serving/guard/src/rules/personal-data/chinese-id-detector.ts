/** Chinese resident identity numbers (GB 11643-1999): region, date of birth and check character. */

import { characterClass, type Detector } from '../detector.ts'
import { numberDetector, numberForm } from './number-detector.ts'

export const chineseIdDetector: Detector = numberDetector({
  rule: 'pii.cn_id',
  why: 'resident identity number of China',
  replacement: '[id]',
  form: numberForm(String.raw`[1-8]\d{16}[\dXx]`),
  within: characterClass('0-9Xx.-'),
  longest: 20,
  lengthOf: (matched) => (isChineseId(matched) ? matched.length : 0),
})

/** GB/T 2260, first two digits. */
const provinces = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/

export function isChineseId(id: string): boolean {
  return (
    provinces.test(id) &&
    isDate(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))) &&
    checkCharacter(id) === id[17]?.toUpperCase()
  )
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1880 && year < 2100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** ISO 7064, MOD 11-2: digit weights are powers of two modulo eleven. */
function checkCharacter(id: string): string {
  let sum = 0
  for (let at = 0; at < 17; at++) sum += Number(id[at]) * (2 ** (17 - at) % 11)
  return '10X98765432'[sum % 11]!
}
