/** Character classes and escapes of a pattern as character sets. */

import {
  type CodePoints,
  codePoints,
  codePointsOf,
  negateCodePoints,
  unionCodePoints,
} from './code-points.ts'
import type { PatternCursor } from './pattern-cursor.ts'
import { propertySet } from './unicode-property.ts'

const digits = codePoints([0x30, 0x39])
const wordCharacters = unionCodePoints(digits, codePoints([0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]))
export const lineEnds: CodePoints = codePointsOf('\n\r\u2028\u2029')
const space = unionCodePoints(
  codePointsOf(' \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'),
  codePoints([0x2000, 0x200a]),
)
const classEscapes: Readonly<Record<string, CodePoints>> = {
  d: digits,
  D: negateCodePoints(digits),
  w: wordCharacters,
  W: negateCodePoints(wordCharacters),
  s: space,
  S: negateCodePoints(space),
}
const controlEscapes: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/** The content of brackets after the opening one. */
export function characterClass(cursor: PatternCursor, opened: number): CodePoints {
  const negated = cursor.take('^')
  const sets: CodePoints[] = []
  while (!cursor.take(']')) {
    if (cursor.isAtEnd) throw cursor.invalid('a class that is not closed', opened)
    const start = cursor.position
    const from = classAtom(cursor)
    if (!cursor.sees('-') || cursor.pattern[cursor.position + 1] === ']') {
      sets.push(from)
      continue
    }
    cursor.take('-')
    if (cursor.isAtEnd) throw cursor.invalid('a class that is not closed', opened)
    const to = classAtom(cursor)
    const low = onlyMember(from)
    const high = onlyMember(to)
    // A hyphen next to \d and the like is literal.
    if (low === undefined || high === undefined) sets.push(from, codePointsOf('-'), to)
    else if (low > high) throw cursor.invalid('a range out of order', start)
    else sets.push(codePoints([low, high]))
  }
  const set = unionCodePoints(...sets)
  return negated ? negateCodePoints(set) : set
}

function classAtom(cursor: PatternCursor): CodePoints {
  const position = cursor.position
  if (!cursor.take('\\')) return codePointsOf(cursor.nextCharacter())
  if (cursor.take('b')) return codePoints([8, 8])
  if (cursor.take('-')) return codePointsOf('-')
  return escaped(cursor, position)
}

/** The sequence after a backslash. */
export function escaped(cursor: PatternCursor, position: number): CodePoints {
  if (cursor.isAtEnd) throw cursor.invalid('a backslash at the end', position)
  const c = cursor.nextCharacter()
  const known = Object.hasOwn(classEscapes, c) ? classEscapes[c] : undefined
  if (known !== undefined) return known
  const control = Object.hasOwn(controlEscapes, c) ? controlEscapes[c] : undefined
  if (control !== undefined) return codePoints([control, control])
  if (c === 'b' || c === 'B') throw cursor.unsupported('word boundaries', position)
  if (c === '0' && !/\d/.test(cursor.pattern[cursor.position] ?? '')) return codePoints([0, 0])
  if (/\d/.test(c) || c === 'k') throw cursor.unsupported('back references', position)
  if (c === 'x') return one(hexDigits(cursor, 2, position))
  if (c === 'u') return one(unicodeEscape(cursor, position))
  if (c === 'c') {
    const letter = cursor.nextCharacter()
    if (!/^[A-Za-z]$/.test(letter)) throw cursor.invalid('an unknown escape', position)
    return one(letter.codePointAt(0)! % 32)
  }
  if (c === 'p' || c === 'P') return property(cursor, c === 'P', position)
  if (/[A-Za-z]/.test(c)) throw cursor.invalid('an unknown escape', position)
  return codePointsOf(c)
}

function unicodeEscape(cursor: PatternCursor, position: number): number {
  if (cursor.take('{')) {
    const end = cursor.pattern.indexOf('}', cursor.position)
    const written = end < 0 ? '' : cursor.pattern.slice(cursor.position, end)
    const value = /^[\da-fA-F]{1,8}$/.test(written) ? Number.parseInt(written, 16) : Number.NaN
    if (!(value <= 0x10ffff)) throw cursor.invalid('a code point out of range', position)
    cursor.position = end + 1
    return value
  }
  const high = hexDigits(cursor, 4, position)
  if (high < 0xd800 || high > 0xdbff || !cursor.sees('\\u')) return high
  const low = Number.parseInt(cursor.pattern.slice(cursor.position + 2, cursor.position + 6), 16)
  if (!(low >= 0xdc00 && low <= 0xdfff)) return high
  cursor.position += 6
  return 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00)
}

function hexDigits(cursor: PatternCursor, count: number, position: number): number {
  const written = cursor.pattern.slice(cursor.position, cursor.position + count)
  if (written.length < count || !/^[\da-fA-F]+$/.test(written)) {
    throw cursor.invalid(`an escape that needs ${count} hexadecimal digits`, position)
  }
  cursor.position += count
  return Number.parseInt(written, 16)
}

function property(cursor: PatternCursor, negated: boolean, position: number): CodePoints {
  const named = /^\{[\w=]{1,60}\}/.exec(cursor.pattern.slice(cursor.position, cursor.position + 62))
  if (named === null) throw cursor.invalid('a property escape without a name', position)
  cursor.position += named[0].length
  const set = propertySet(named[0])
  if (set === undefined) throw cursor.invalid(`an unknown property ${named[0]}`, position)
  return negated ? negateCodePoints(set) : set
}

function one(codePoint: number): CodePoints {
  return codePoints([codePoint, codePoint])
}

function onlyMember(set: CodePoints): number | undefined {
  return set.length === 1 && set[0]![0] === set[0]![1] ? set[0]![0] : undefined
}
