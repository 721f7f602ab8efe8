/**
 * What finds secrets, personal data and a user's patterns: in a whole text, and in one that is still being written. A detector
 * is made so that what it finds at a place depends on a bounded stretch around it, never on how a text was cut.
 */

import type { Span } from '../check.ts'

export interface Match extends Span {
  readonly rule: string
  /** A few words, never what was found. */
  readonly why: string
  /** What stands there instead once it is redacted. */
  readonly replacement: string
  /** It is as long as characters of this class follow, however long that is: a match that reaches the end of a text may go on. */
  readonly grows?: CharacterClass
}

export interface Detector {
  /** Its matches never overlap: which they are depends on where the search began, so it has to go on where the last match ended. */
  readonly disjoint?: true
  /**
   * Every match that starts at `from` or later, also where they overlap unless `disjoint`. Reads at most `contextLength` characters before `from`,
   * and takes time in proportion to the text.
   */
  find(text: string, from: number): Iterable<Match>
  /**
   * Where the first match may start that more text would make, lengthen or undo; the length of the text where there is none.
   * What was said before `from` is settled.
   */
  openFrom(text: string, from: number): number
}

/** No detector looks further back than this. */
export const contextLength = 256

/** Of ASCII characters, by code: 1 for those in it. */
export type CharacterClass = Uint8Array

/** `within` as between the brackets of a regular expression: `A-Za-z0-9_-`. */
export function characterClass(within: string): CharacterClass {
  const regex = new RegExp(`[${within}]`)
  return Uint8Array.from({ length: 128 }, (_, code) => Number(regex.test(String.fromCharCode(code))))
}

export const isIn = (characters: CharacterClass, code: number): boolean => characters[code] === 1

/** Where the characters of this class that begin at `at` end. */
export function runEnd(characters: CharacterClass, text: string, at: number): number {
  while (at < text.length && isIn(characters, text.charCodeAt(at))) at += 1
  return at
}

/** Where the characters of this class that end at `end` begin; of long ones at most `longest` are looked at. */
export function runStart(characters: CharacterClass, text: string, end: number, longest: number): number {
  const least = Math.max(0, end - longest)
  while (end > least && isIn(characters, text.charCodeAt(end - 1))) end -= 1
  return end
}

/**
 * `openFrom` of a detector whose matches, with the characters after them that decide, are of one class and no longer than
 * `longest`: what ends earlier, or began longer ago, is settled.
 */
export const openRun =
  (characters: CharacterClass, longest: number): Detector['openFrom'] =>
  (text) =>
    runStart(characters, text, text.length, longest)

/**
 * Every place where a global regular expression matches, a match within another one too: what is found must not depend on where
 * the search began. Linear where the expression looks at a bounded number of characters.
 */
export function* everyMatch(regex: RegExp, text: string, from: number): Generator<RegExpExecArray> {
  for (;;) {
    regex.lastIndex = from
    const match = regex.exec(text)
    if (match === null) return
    yield match
    from = match.index + 1
  }
}

/** Where a word that seems to begin at `at` does begin: the letter of an escape such as `\n` is no part of it. */
export function wordStart(text: string, at: number): number {
  return text[at - 1] === '\\' && 'nrt'.includes(text[at] ?? ' ') ? at + 1 : at
}

/** Whether a word of this class may begin at `at`. */
export function isWordStart(characters: CharacterClass, text: string, at: number): boolean {
  return at === 0 || !isIn(characters, text.charCodeAt(at - 1)) || wordStart(text, at - 1) === at
}
