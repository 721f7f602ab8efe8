/**
 * Detectors of secrets, personal data and custom patterns, for complete and streamed texts. A detector's result at a position depends on
 * bounded context, never on how the text was split.
 */

import type { Span } from '../check.ts'

export interface Match extends Span {
  readonly rule: string
  /** A short reason, never the matched text. */
  readonly why: string
  /** The replacement for redaction. */
  readonly replacement: string
  /** The match extends over all following characters of this class, without bound; at the end of a text it may still grow. */
  readonly grows?: CharacterClass
}

export interface Detector {
  /** Matches never overlap, so they depend on where the search started; searches must resume at the end of the last match. */
  readonly disjoint?: true
  /**
   * Every match starting at `from` or later, including overlapping ones unless `disjoint`. Reads at most `contextLength` characters before
   * `from`; linear time.
   */
  find(text: string, from: number): Iterable<Match>
  /**
   * The earliest start of a match that more text could create, extend or undo; the text's length if there is none. Earlier text is final.
   */
  openFrom(text: string, from: number): number
}

/** Maximum look-behind of any detector. */
export const contextLength = 256

/** ASCII characters by code: 1 if included. */
export type CharacterClass = Uint8Array

/** `within` as in a regular expression's brackets: `A-Za-z0-9_-`. */
export function characterClass(within: string): CharacterClass {
  const regex = new RegExp(`[${within}]`)
  return Uint8Array.from({ length: 128 }, (_, code) => Number(regex.test(String.fromCharCode(code))))
}

export const isIn = (characters: CharacterClass, code: number): boolean => characters[code] === 1

/** The end of the run of these characters from `at`. */
export function runEnd(characters: CharacterClass, text: string, at: number): number {
  while (at < text.length && isIn(characters, text.charCodeAt(at))) at += 1
  return at
}

/** The start of the run of these characters before `end`; reads at most `longest`. */
export function runStart(characters: CharacterClass, text: string, end: number, longest: number): number {
  const least = Math.max(0, end - longest)
  while (end > least && isIn(characters, text.charCodeAt(end - 1))) end -= 1
  return end
}

/**
 * `openFrom` for a detector whose matches and their deciding lookahead consist of one class with at most `longest` characters: runs that
 * ended or started earlier are final.
 */
export const openRun =
  (characters: CharacterClass, longest: number): Detector['openFrom'] =>
  (text) =>
    runStart(characters, text, text.length, longest)

/**
 * Every position where a global regular expression matches, including nested matches, so that results do not depend on the start of the
 * search. Linear if the expression reads a bounded number of characters.
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

/** The actual start of a word at `at`: skips the letter of an escape such as `\n`. */
export function wordStart(text: string, at: number): number {
  return text[at - 1] === '\\' && 'nrt'.includes(text[at] ?? ' ') ? at + 1 : at
}

/** True if a word of this class may start at `at`. */
export function isWordStart(characters: CharacterClass, text: string, at: number): boolean {
  return at === 0 || !isIn(characters, text.charCodeAt(at - 1)) || wordStart(text, at - 1) === at
}
