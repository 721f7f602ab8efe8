/**
 * The text as displayed: NFKC for disguised letters, no invisible characters, homoglyphs replaced by the letters they imitate, and no marks
 * that obscure letters. Keeps case and ordinary uses: Chinese punctuation, accented names, Cyrillic and Greek words, emoji.
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

/** Maximum marks per letter in natural languages. */
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

/** State of the scan. */
interface Progress {
  /** End of the last examined word, and whether its homoglyphs are Latin. */
  wordEnd: number
  isLatin: boolean
  /** End of the last non-ASCII character read as ASCII. */
  asciiEnd: number
  /** Number of letters. */
  letters: number
}

/** The replacement of a character: empty if invisible, undefined if unchanged. */
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

/** Letters that can carry marks: Latin ones and their homoglyphs. */
const isLetter = (kind: number, unit: number): boolean =>
  kind === plain
    ? unit < 0x80 && letterOf(unit) > 0
    : kind === accented || kind === folded || kind === lookAlike

const followsAscii = (text: string, at: number, { asciiEnd }: Progress): boolean =>
  at === asciiEnd || (at > 0 && text.charCodeAt(at - 1) < 0x80)

interface Counts {
  /** True if anything has to change. */
  readonly isDisguised: boolean
  readonly marks: MarkCounts
  readonly latin: number
  /** Letters that resemble no Latin letter. */
  readonly foreign: number
  /** Han characters are not simplified. */
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

/** Decides whether a word's homoglyphs are Latin: if it or the text contains Latin letters. */
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
  // Among letters unlike Latin, and in words of one or two letters, they are genuine: kΩ, μm, Δt.
  progress.isLatin =
    latin > 0
      ? others === 0
        ? end - start > 2
        : latin > others + loose
      : loose + others === 0 && alike > 1 && counts.latin > 2 * counts.foreign
}

const isOfWord = (unit: number): boolean =>
  unit < 0x80 ? letterOf(unit) > 0 : kinds[unit]! !== plain && kinds[unit]! !== softlyFolded

/** Handles marks on the character before `at`; returns their end. A mark that forms a letter of a language stays. */
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

/** The keycap of a digit emoji. */
const isKeycap = (text: string, at: number): boolean =>
  text[at] === '\u20e3' && (text[at - 1] === '\ufe0f' || /[0-9#*]/.test(text[at - 1] ?? ''))

/** Joiners and selectors after emoji, signs and digits, and in scripts that need them. */
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
