/**
 * Cheap hints about which encodings to try, from one pass over the text; ordinary texts give none and cost nothing more. Decodes nothing.
 */

import { gainByReversing, gainByRot13 } from './letter-pairs.ts'

export interface Clues {
  /** Control or non-ASCII characters. */
  readonly unusual: boolean
  readonly hex: boolean
  readonly base64: boolean
  /** A word longer than most natural ones. */
  readonly longWord: boolean
  readonly spaced: boolean
  readonly rot13: boolean
  readonly reversed: boolean
  readonly leetspeak: boolean
}

/** Minimum gain in quarter bits before a sequence of words is reread. */
export const minGain = 64

/** Minimum number of consecutive single characters that is not a coincidence. */
export const minSpaced = 5

const [other, lower, upper, digit, sign, joint, control] = [0, 1, 2, 3, 4, 5, 6]

/** Character classes for the pass; signs replace letters in leetspeak, joints are the rest of base64. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[a-z]/.test(character)) return lower
  if (/[A-Z]/.test(character)) return upper
  if (/[0-9]/.test(character)) return digit
  if (/[@$!|]/.test(character)) return sign
  if (/[+/_=-]/.test(character)) return joint
  return (code < 32 && !/[\t\n\r]/.test(character)) || code === 127 ? control : other
})

export function cluesOf(text: string): Clues {
  let unusual = false
  let digits = 0
  // Start of the current base64 run and the longest; number of case or digit changes, and consecutive runs with such changes.
  let [runStart, longestRun, changes, mixedRuns, isMixed] = [0, 0, 0, 0, false]
  // Consecutive single characters.
  let [wordStart, singles, maxSingles] = [-1, 0, 0]
  // Digits and signs since the last letter, and how often they occurred between letters.
  let [between, leet] = [-1, 0]
  // Gain of the current sequence, and the maximum.
  let [rot13, maxRot13, reversed, maxReversed] = [0, 0, 0, 0]
  let [letterBefore, kindBefore, capitals] = [0, other, 0]
  const length = text.length
  for (let at = 0; at <= length; at += 1) {
    const code = at < length ? text.charCodeAt(at) : 32
    const kind = code < 128 ? kinds[code]! : other
    if (kind === lower || kind === upper) {
      const pair = (letterBefore << 5) | (code & 31)
      rot13 += gainByRot13[pair]!
      reversed += gainByReversing[pair]!
      letterBefore = code & 31
      if (kindBefore === digit || (kind === upper ? kindBefore === lower : capitals > 1)) changes += 1
      capitals = kind === upper ? capitals + 1 : 0
      if (between > 0 && between < 3) leet += 1
      between = 0
      if (wordStart < 0) wordStart = at
      kindBefore = kind
      continue
    }
    if (letterBefore !== 0) {
      const pair = letterBefore << 5
      rot13 += gainByRot13[pair]!
      reversed += gainByReversing[pair]!
      letterBefore = 0
      if (rot13 > maxRot13) maxRot13 = rot13
      else if (rot13 < 0) rot13 = 0
      if (reversed > maxReversed) maxReversed = reversed
      else if (reversed < 0) reversed = 0
    }
    if (kind === digit && (kindBefore === lower || kindBefore === upper)) changes += 1
    kindBefore = kind
    capitals = 0
    if (kind === digit) digits += 1
    if (kind === digit || kind === sign) between = between < 0 ? -1 : between + 1
    else between = -1
    if (kind !== digit && kind !== joint) {
      if (at > runStart) {
        if (at - runStart > longestRun) longestRun = at - runStart
        mixedRuns = changes === 0 ? 0 : mixedRuns + 1
        if (changes > 1 || mixedRuns > 2) isMixed = true
        changes = 0
      }
      runStart = at + 1
    }
    if (code > 127 || kind === control) unusual = true
    if (kind === digit || (code > 0xbf && !isPunctuation(code))) {
      if (wordStart < 0) wordStart = at
    } else if (wordStart >= 0) {
      if (at - wordStart > 1) singles = 0
      else {
        singles += 1
        if (singles > maxSingles) maxSingles = singles
      }
      wordStart = -1
    }
  }
  return {
    unusual,
    hex: digits >= 6,
    longWord: longestRun >= 16,
    base64: longestRun >= 16 || isMixed,
    spaced: maxSingles >= minSpaced,
    rot13: maxRot13 >= minGain,
    reversed: maxReversed >= minGain,
    leetspeak: leet > 0,
  }
}

/** General and Chinese punctuation, and full-width forms. */
const isPunctuation = (code: number): boolean => (code >= 0x2000 && code < 0x3040) || code >= 0xff00
