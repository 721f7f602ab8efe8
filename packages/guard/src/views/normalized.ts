/**
 * A text as people see it: NFKC for what disguises letters, without invisible characters, look-alikes as the letters they
 * look like, without marks where they hide letters. Case stays, and so does what has an ordinary use: Chinese punctuation,
 * names with accents, Cyrillic and Greek words, emoji.
 */

import { letterOf } from './letter-pairs.ts'
import {
  accented,
  dropped,
  folded,
  folds,
  foreign,
  high,
  joiner,
  kinds,
  lookAlike,
  looseLookAlike,
  low,
  mark,
  plain,
  softlyFolded,
} from './look-alikes.ts'
import { Weave, type Woven } from './origin.ts'

/** Of the Latin letters of a text, more marked ones than this hide the others. */
const mostMarked = 1 / 8
/** Marks that one letter of a language has at most. */
const mostMarks = 2

export function readNormalized(text: string): Woven | undefined {
  const counts = countsOf(text)
  if (!counts.isDisguised) return undefined
  const weave = new Weave(text)
  const word = { end: 0, isRead: false }
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    let kind = kinds[unit]!
    if (kind === plain || kind === foreign) {
      at += 1
      continue
    }
    let size = 1
    let code = unit
    if (kind === high) {
      code = text.codePointAt(at)!
      if (code > 0xffff) size = 2
      kind = size === 1 || isInvisible(code) ? dropped : folds.has(code) ? folded : plain
    } else if (kind === low) kind = dropped
    const end = at + size
    if (kind === dropped) weave.drop(at, end)
    else if (kind === joiner) {
      if (!joins(text, at)) weave.drop(at, end)
    } else if (kind === folded) weave.swap(at, end, folds.get(code)!)
    else if (kind === softlyFolded) {
      if (at > 0 && text.charCodeAt(at - 1) < 0x80) weave.swap(at, end, folds.get(code)!)
    } else if (kind === accented) {
      if (counts.marksHide) weave.swap(at, end, folds.get(code)!)
    } else if (kind === mark) {
      at = readMarks(weave, at, counts.marksHide)
      continue
    } else if (kind === lookAlike || kind === looseLookAlike) {
      if (at >= word.end) readWord(text, at, counts, word)
      if (word.isRead) weave.swap(at, end, folds.get(code)!)
    }
    at = end
  }
  return weave.isChanged ? weave.finish() : undefined
}

interface Counts {
  /** Whether there is anything to do. */
  readonly isDisguised: boolean
  readonly marksHide: boolean
  readonly latin: number
  /** Letters that no Latin letter looks like. */
  readonly foreign: number
}

function countsOf(text: string): Counts {
  let isDisguised = false
  let [latin, marked, other] = [0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    const kind = kinds[unit]!
    if (kind === plain) {
      if (unit < 0x80 && letterOf(unit) > 0) latin += 1
    } else if (kind === accented) {
      latin += 1
      marked += 1
    } else if (kind === foreign || kind === looseLookAlike) {
      other += 1
      if (kind === looseLookAlike) isDisguised = true
    } else if (kind === mark) {
      marked += 1
      isDisguised = true
    } else if (kind !== softlyFolded) isDisguised = true
  }
  const marksHide = marked > latin * mostMarked && marked > 2
  return { isDisguised: isDisguised || marksHide, marksHide, latin, foreign: other }
}

/** Whether the look-alikes of the word at a place are read as Latin letters: it has Latin ones, or the text has. */
function readWord(text: string, place: number, counts: Counts, word: { end: number; isRead: boolean }): void {
  let [start, end] = [place, place + 1]
  while (start > 0 && isOfWord(text.charCodeAt(start - 1))) start -= 1
  while (end < text.length && isOfWord(text.charCodeAt(end))) end += 1
  let [latin, alike, loose, others] = [0, 0, 0, 0]
  for (let at = start; at < end; at += 1) {
    const kind = kinds[text.charCodeAt(at)]!
    if (kind === lookAlike) alike += 1
    else if (kind === looseLookAlike) loose += 1
    else if (kind === foreign) others += 1
    else if (kind !== mark && kind !== joiner && kind !== dropped && kind !== low) latin += 1
  }
  word.end = end
  // Among letters that no Latin one looks like, and in words of one or two, the others are what they are: kΩ, μm, Δt.
  word.isRead =
    latin > 0
      ? others === 0
        ? end - start > 2
        : latin > others + loose
      : loose + others === 0 && alike > 1 && counts.latin > 2 * counts.foreign
}

const isOfWord = (unit: number): boolean =>
  unit < 0x80 ? letterOf(unit) > 0 : kinds[unit]! !== plain && kinds[unit]! !== softlyFolded

/** Marks on what stands before `at`; gives the end of them. One that makes a letter of a language with it stays. */
function readMarks(weave: Weave, at: number, marksHide: boolean): number {
  const { source } = weave
  let end = at + 1
  while (end < source.length && kinds[source.charCodeAt(end)] === mark) end += 1
  const composed =
    end - at <= mostMarks && at > weave.reached ? source.slice(at - 1, end).normalize('NFC') : ''
  if (composed.length === 1 && !marksHide) weave.replace(at - 1, end, composed)
  else weave.drop(at, end)
  return end
}

/** Joiners and selectors after emoji, signs and digits, and between letters of scripts that need them. */
function joins(text: string, at: number): boolean {
  if (at === 0) return false
  const before = text.charCodeAt(at - 1)
  if (kinds[before] === joiner) return before === 0xfe0f && text.charCodeAt(at) === 0x200d
  if (before < 0x40) return /[0-9#*]/.test(text[at - 1]!)
  const isScript = before >= 0x590 && before < 0x1100
  const isSign =
    (before >= 0x2010 && before < 0x2c00) || (before >= 0x3030 && before < 0x3300 && before !== 0x3164)
  return isScript || isSign || before === 0xa9 || before === 0xae || kinds[before] === low
}

/** Tags, selectors, musical controls. */
const isInvisible = (code: number): boolean =>
  (code >= 0xe0000 && code < 0xe1000) ||
  (code >= 0x1d173 && code < 0x1d17b) ||
  (code >= 0x1bca0 && code < 0x1bca4)

const spaces = /\s+/g

/** What texts that say the same have in common, for hashing: as people see it, in lower case, white space as one space. */
export function normalize(text: string): string {
  const seen = (readNormalized(text)?.text ?? text).normalize('NFKC').toLowerCase()
  return (readNormalized(seen)?.text ?? seen).replace(spaces, ' ').trim()
}
