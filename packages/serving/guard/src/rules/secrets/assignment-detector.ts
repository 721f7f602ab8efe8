/** `api_key = "..."`, `password: ...`, `Authorization: Bearer ...`: secrets recognized by the preceding name. Only the value is matched. */

import {
  type CharacterClass,
  characterClass,
  type Detector,
  type Match,
  openRun,
  runEnd,
} from '../detector.ts'
import { isPlaceholder, looksRandom } from './looks-random.ts'

const name =
  /(?:(?:api|access|secret|private|signing|encryption)[_-]?key|(?:access|auth|refresh|bot|session)[_-]?token|secret|token|password|passwd|passphrase|pwd|authorization|密码|口令|密钥|令牌)$/i
const longestName = 16
const ofPassword = /^(?:pass|pwd|密码|口令)/i
/** Last letters of all names, to skip most signs quickly. */
const lastOfName = /[dentyDENTY码令钥牌]/
const scheme = /(?:bearer|basic|token) {1,3}/iy

/** Maximum distance from the sign to the value: gap, scheme and spaces. */
const furthest = 24

/** Characters allowed between a name and its value; the length on either side of the sign is bounded. */
const between: CharacterClass = characterClass(' \\t"\'`*')
const longestGap = 6

const value: CharacterClass = characterClass('A-Za-z0-9_+/=.~!@#$%^&*?|-')
/** Longer values are judged by this many characters. */
const longest = 128

export const assignmentDetector: Detector = {
  *find(text, from) {
    // End of a value longer than `longest`: such a value may contain another assignment, and both end there.
    let longEnd = 0
    for (let at = Math.max(0, from - furthest); at < text.length; at += 1) {
      const sign = text[at]
      if (sign !== '=' && sign !== ':' && sign !== '：') continue
      const named = nameBefore(text, at)
      if (named === undefined) continue
      const match = valueAt(text, valueStart(text, at, named), ofPassword.test(named), longEnd)
      if (match === undefined) continue
      if (match.grows !== undefined) longEnd = match.end
      if (match.start >= from) yield match
    }
  },
  openFrom: openRun(value, longest + 2),
}

function nameBefore(text: string, sign: number): string | undefined {
  let end = sign
  while (end > 0 && end > sign - longestGap && between[text.charCodeAt(end - 1)] === 1) end -= 1
  if (end === 0 || !lastOfName.test(text[end - 1]!)) return undefined
  return name.exec(text.slice(Math.max(0, end - longestName), end))?.[0]
}

/** After `=`, `:`, `=>` or `:=`. */
function valueStart(text: string, sign: number, named: string): number {
  let start = sign + 1
  if (text[start] === '>' || (text[sign] === ':' && text[start] === '=')) start += 1
  for (let gap = 0; gap < longestGap && between[text.charCodeAt(start)] === 1; gap++) start += 1
  if (named.toLowerCase() !== 'authorization') return start
  scheme.lastIndex = start
  return scheme.test(text) ? scheme.lastIndex : start
}

function valueAt(text: string, start: number, isPassword: boolean, longEnd: number): Match | undefined {
  const seen = text.slice(start, start + longest + 1)
  const length = runEnd(value, seen, 0)
  const isLong = length > longest
  const shown = isLong ? seen.slice(0, longest) : seen.slice(0, length).replace(/[.!?]+$/, '')
  const next = text[start + length]
  if (next === '(' || next === '[' || !(isPassword ? isLikePassword(shown) : isLikeKey(shown)))
    return undefined
  const called = isPassword ? 'password' : 'secret'
  return {
    rule: `secret.${isPassword ? 'password' : 'assigned'}`,
    start,
    end: isLong ? runEnd(value, text, Math.max(start, longEnd)) : start + shown.length,
    why: `${called} given by its name`,
    replacement: `[${called}]`,
    ...(isLong && { grows: value }),
  }
}

/** Excludes code that references a password (`config.password`, `/run/secrets/x`). */
const isLikePassword = (text: string): boolean =>
  text.length >= 8 &&
  /[A-Za-z]/.test(text) &&
  /[\d!@#$%^&*?]/.test(text) &&
  !/^(?:[=/.~]|[A-Za-z_]\w*(?:\.\w+)+$)/.test(text) &&
  !isPlaceholder(text)

const isLikeKey = (text: string): boolean =>
  text.length >= 16 &&
  !text.startsWith('=') &&
  /\d.*\d/.test(text) &&
  /[A-Za-z]/.test(text) &&
  looksRandom(text) &&
  !isPlaceholder(text)
