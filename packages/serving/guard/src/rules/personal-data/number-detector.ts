/** What detectors of numbers share: a regular expression says where one may stand, a function says whether it is one. */

import { type CharacterClass, type Detector, everyMatch, openRun } from '../detector.ts'

export interface NumberKind {
  readonly rule: string
  readonly why: string
  readonly replacement: string
  /** Looks at no more than `longest` characters: `numberForm`. */
  readonly form: RegExp
  /** A match, and what decides after it, is made of these. */
  readonly within: CharacterClass
  readonly longest: number
  /** How much of what was matched is one; 0 for nothing. */
  readonly lengthOf: (matched: string) => number
  /** Of the up to 32 characters before: that it is something else. */
  readonly isElse?: (before: string) => boolean
}

const longestBefore = 32
const digit = /\d/g
/** A sign, a bracket or letters before the first digit. */
const longestMark = 2

/**
 * A global regular expression for numbers that are no part of a word, of a longer number or of a decimal. An escape such as
 * `\\n` may stand before them.
 */
export const numberForm = (form: string): RegExp =>
  new RegExp(`(?:(?<![\\w.+-])|(?<=\\\\[nrt]))(?:${form})(?!\\w|[.-]\\d)`, 'g')

export function numberDetector(kind: NumberKind): Detector {
  const { rule, why, replacement, form, lengthOf, isElse } = kind
  return {
    *find(text, from) {
      // Most texts have no digits, and expressions that look back are slow to say so.
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

/** Numbers of orders and devices look like those of cards and telephones; whoever writes them says what they are. */
const otherNumber =
  /(?:order|invoice|tracking|shipment|ticket|isbn|issn|imei|serial|订单|单号|运单|流水|编号|序列|发票|快递)[^\d\n]{0,16}$/i
export const namesOtherNumber = (before: string): boolean => otherNumber.test(before)

export function digitsOf(text: string): string {
  let digits = ''
  for (const character of text) if (character >= '0' && character <= '9') digits += character
  return digits
}
