/** Base of number detectors: a regular expression finds candidates and a function validates them. */

import { type CharacterClass, type Detector, everyMatch, openRun } from '../detector.ts'

export interface NumberKind {
  readonly rule: string
  readonly why: string
  readonly replacement: string
  /** Reads at most `longest` characters: `numberForm`. */
  readonly form: RegExp
  /** The characters of a match and its deciding lookahead. */
  readonly within: CharacterClass
  readonly longest: number
  /** Length of the valid part of a match; 0 if invalid. */
  readonly lengthOf: (matched: string) => number
  /** Receives up to 32 preceding characters; true if they indicate another kind of number. */
  readonly isElse?: (before: string) => boolean
}

const longestBefore = 32
const digit = /\d/g
/** A sign, bracket or letters before the first digit. */
const longestMark = 2

/**
 * A global regular expression for numbers that are not part of a word, a longer number or a decimal. An escape such as `\\n` may precede
 * them.
 */
export const numberForm = (form: string): RegExp =>
  new RegExp(`(?:(?<![\\w.+-])|(?<=\\\\[nrt]))(?:${form})(?!\\w|[.-]\\d)`, 'g')

export function numberDetector(kind: NumberKind): Detector {
  const { rule, why, replacement, form, lengthOf, isElse } = kind
  return {
    *find(text, from) {
      // Most texts contain no digits, and look-behind expressions are slow to fail.
      digit.lastIndex = from
      const first = digit.exec(text)?.index
      if (first === undefined) return
      for (const { 0: matched, index: start } of everyMatch(
        form,
        text,
        Math.max(from, first - longestMark),
      )) {
        const length = lengthOf(matched)
        if (length > 0 && !isElse?.(text.slice(Math.max(0, start - longestBefore), start)))
          yield { rule, start, end: start + length, why, replacement }
      }
    },
    openFrom: openRun(kind.within, kind.longest),
  }
}

/** Order and device numbers resemble card and phone numbers; the words before them distinguish them. */
const otherNumber =
  /(?:order|invoice|tracking|shipment|ticket|isbn|issn|imei|serial|订单|单号|运单|流水|编号|序列|发票|快递)[^\d\n]{0,16}$/i
export const namesOtherNumber = (before: string): boolean => otherNumber.test(before)

export function digitsOf(text: string): string {
  let digits = ''
  for (const character of text) if (character >= '0' && character <= '9') digits += character
  return digits
}
