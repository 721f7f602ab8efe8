/** GBNF syntax of characters: quoted and in classes, with llama.cpp's escapes. */

import { type CodePoints, intersectCodePoints } from '../language/code-points.ts'

/** A text as a quoted GBNF literal. */
export function quote(value: string): string {
  return `"${Array.from(value, (c) => character(c.codePointAt(0)!, '"\\')).join('')}"`
}

export function writeClass(set: CodePoints): string {
  // NUL ends llama.cpp's strings, so it can neither be part of a grammar nor be matched.
  const ranges = intersectCodePoints(set, [[1, 0x10ffff]])
  const one = (c: number): string => character(c, '[]\\-^')
  return `[${ranges.map(([from, to]) => (from === to ? one(from) : `${one(from)}-${one(to)}`)).join('')}]`
}

function character(c: number, special: string): string {
  if (c === 0x0a) return '\\n'
  if (c === 0x0d) return '\\r'
  if (c === 0x09) return '\\t'
  const hex = (digits: number): string => c.toString(16).toUpperCase().padStart(digits, '0')
  if (c < 0x20 || c === 0x7f) return `\\x${hex(2)}`
  const written = String.fromCodePoint(c)
  if (c < 0x7f) return !special.includes(written) ? written : written === '^' ? '\\x5E' : `\\${written}`
  return c <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`
}
