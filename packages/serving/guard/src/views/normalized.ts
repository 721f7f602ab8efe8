/**
 * A text as people see it: NFKC for what disguises letters, without invisible characters, look-alikes as the letters they
 * look like, without marks where they hide letters. Case stays, and so does what has an ordinary use: Chinese punctuation,
 * names with accents, Cyrillic and Greek words, emoji.
 */

import { flagAt } from './hidden.ts'
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
  traditional,
} from './look-alikes.ts'
import { MarkCounts } from './mark-counts.ts'
import { Weave, type Woven } from './origin.ts'

/** Marks that one letter of a language has at most. */
const maxMarks = 2

export function readNormalized(text: string): Woven | undefined {
  const counts = countsOf(text)
  if (!counts.isDisguised) return undefined
  const weave = new Weave(text)
  const progress: Progress = { wordEnd: 0, isLatin: false, asciiEnd: -1, letters: 0 }
  let isTelling = false
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    const kind = kinds[unit]!
    if (isLetter(kind, unit)) progress.letters += 1
    if (kind === plain || kind === foreign) {
      at += 1
      continue
    }
    const flag = kind === high ? flagAt(text, at) : 0
    if (flag > 0 || (kind === mark && isKeycap(text, at))) {
      at += Math.max(flag, 1)
      continue
    }
    if (kind === mark) {
      at = readMarks(weave, at, counts.marks.hideAt(progress.letters))
      isTelling = true
      continue
    }
    const code = text.codePointAt(at)!
    const end = code > 0xffff ? at + 2 : at + 1
    const said = readAs(text, at, code, counts, progress)
    if (said !== undefined) {
      weave.swap(at, end, said)
      isTelling ||= kind !== softlyFolded
      if (said === '' ? followsAscii(text, at, progress) : said.charCodeAt(said.length - 1) < 0x80) {
        progress.asciiEnd = end
      }
    }
    at = end
  }
  return isTelling ? weave.finish() : undefined
}

/** How far the text was read. */
interface Progress {
  /** Where the word ends whose look-alikes were looked at last, and whether they are Latin letters. */
  wordEnd: number
  isLatin: boolean
  /** Where the last character ends that reads as ASCII and was written otherwise. */
  asciiEnd: number
  /** How many there were. */
  letters: number
}

/** What a character is read as: nothing where it is invisible; undefined where it is what it is. */
function readAs(
  text: string,
  at: number,
  code: number,
  counts: Counts,
  progress: Progress,
): string | undefined {
  switch (kinds[text.charCodeAt(at)]) {
    case dropped:
    case low:
      return ''
    case high:
      return code < 0x10000 || isInvisible(code) ? '' : folds.get(code)
    case joiner:
      return joins(text, at) ? undefined : ''
    case softlyFolded:
      return followsAscii(text, at, progress) ? folds.get(code) : undefined
    case accented:
      return counts.marks.hideAt(progress.letters) ? folds.get(code) : undefined
    case traditional:
      return counts.isJapanese ? undefined : folds.get(code)
    case lookAlike:
    case looseLookAlike:
      if (at >= progress.wordEnd) readWord(text, at, counts, progress)
      return progress.isLatin ? folds.get(code) : undefined
    default:
      return folds.get(code)
  }
}

/** That marks may stand on: Latin ones, and what is read as one. */
const isLetter = (kind: number, unit: number): boolean =>
  kind === plain
    ? unit < 0x80 && letterOf(unit) > 0
    : kind === accented || kind === folded || kind === lookAlike

const followsAscii = (text: string, at: number, { asciiEnd }: Progress): boolean =>
  at === asciiEnd || (at > 0 && text.charCodeAt(at - 1) < 0x80)

interface Counts {
  /** Whether there is anything to do. */
  readonly isDisguised: boolean
  readonly marks: MarkCounts
  readonly latin: number
  /** Letters that no Latin letter looks like. */
  readonly foreign: number
  /** Whose Han characters are not to be simplified. */
  readonly isJapanese: boolean
}

function countsOf(text: string): Counts {
  let isDisguised = false
  let [latin, foreigns, kana, traditionals] = [0, 0, 0, 0]
  const marks = new MarkCounts(text.length)
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    const kind = kinds[unit]!
    if (isLetter(kind, unit)) marks.addLetter()
    if (kind === plain) {
      if (unit < 0x80) {
        if (letterOf(unit) > 0) latin += 1
      } else if (unit >= 0x3040 && unit < 0x3100) kana += 1
    } else if (kind === accented) {
      latin += 1
      marks.addMark()
    } else if (kind === foreign || kind === looseLookAlike) {
      foreigns += 1
      if (kind === looseLookAlike) isDisguised = true
    } else if (kind === mark) {
      marks.addMark()
      isDisguised = true
    } else if (kind === traditional) traditionals += 1
    else if (kind !== softlyFolded) isDisguised = true
  }
  const isJapanese = kana > traditionals
  isDisguised ||= marks.hideAnywhere() || (traditionals > 0 && !isJapanese)
  return { isDisguised, marks, latin, foreign: foreigns, isJapanese }
}

/** Whether the look-alikes of the word at a place are read as Latin letters: it has Latin ones, or the text has. */
function readWord(text: string, place: number, counts: Counts, progress: Progress): void {
  let [start, end] = [place, place + 1]
  while (start > 0 && isOfWord(text.charCodeAt(start - 1))) start -= 1
  while (end < text.length && isOfWord(text.charCodeAt(end))) end += 1
  let [latin, alike, loose, others] = [0, 0, 0, 0]
  for (let at = start; at < end; at += 1) {
    const kind = kinds[text.charCodeAt(at)]!
    if (kind === lookAlike) alike += 1
    else if (kind === looseLookAlike) loose += 1
    else if (kind === foreign) others += 1
    else if (kind === high) latin += folds.has(text.codePointAt(at)!) ? 1 : 0
    else if (kind === plain || kind === folded || kind === accented) latin += 1
  }
  progress.wordEnd = end
  // Among letters that no Latin one looks like, and in words of one or two, the others are what they are: kΩ, μm, Δt.
  progress.isLatin =
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
    end - at <= maxMarks && at > weave.reached ? source.slice(at - 1, end).normalize('NFC') : ''
  if (composed.length === 1 && !marksHide) weave.replace(at - 1, end, composed)
  else weave.drop(at, end)
  return end
}

/** The frame of an emoji of a digit. */
const isKeycap = (text: string, at: number): boolean =>
  text[at] === '\u20e3' && (text[at - 1] === '\ufe0f' || /[0-9#*]/.test(text[at - 1] ?? ''))

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
