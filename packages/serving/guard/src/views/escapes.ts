/**
 * Decodes escapes of programming languages: `\u0069`, `\u{69}`, `\x69`, `\151`, and `U+0069`. Backslashes escaped any number of times count
 * as one.
 */

import { hexDigit, hexNumber } from './digits.ts'
import { Weave, type Woven } from './origin.ts'
import { isControl, weaveBytes } from './readable.ts'

export function readEscapes(text: string): Woven | undefined {
  const hasBackslash = text.includes('\\')
  if (!hasBackslash && !text.includes('U+')) return undefined
  const weave = new Weave(text)
  const mark = hasBackslash ? (text.includes('U+') ? /\\|U\+/g : /\\/g) : /U\+/g
  let bytes: number[] = []
  let places: number[] = []
  const flush = (): void => {
    if (bytes.length === 0) return
    weaveBytes(weave, bytes, places)
    bytes = []
    places = []
  }
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const at = found.index
    const escaped = text[at] === 'U' ? unicodeName(text, at) : escapeAt(text, at)
    if (places.at(-1) !== at || escaped?.isByte !== true) flush()
    if (escaped === undefined) {
      while (text[mark.lastIndex] === '\\') mark.lastIndex += 1
      continue
    }
    mark.lastIndex = escaped.end
    if (escaped.isByte) {
      bytes.push(escaped.code)
      places.push(at, escaped.end)
    } else if (escaped.code <= 0x10ffff && !isControl(escaped.code)) {
      weave.replace(at, escaped.end, String.fromCodePoint(escaped.code))
    }
  }
  flush()
  return weave.isChanged ? weave.finish() : undefined
}

interface Escape {
  readonly code: number
  readonly end: number
  /** A UTF-8 byte rather than a character. */
  readonly isByte?: boolean
}

function escapeAt(text: string, backslash: number): Escape | undefined {
  let at = backslash + 1
  while (text[at] === '\\') at += 1
  while (/^u005c[ux0-3]/i.test(text.slice(at, at + 6))) at += 5
  const kind = text[at]
  if (kind === 'u' || kind === 'U') {
    if (text[at + 1] === '{') return inBraces(text, at + 2)
    const digits = kind === 'U' ? 8 : 4
    const code = hexNumber(text, at + 1, digits)
    return code < 0 ? undefined : { code, end: at + 1 + digits }
  }
  if (kind === 'x') {
    const code = hexNumber(text, at + 1, 2)
    return code < 0 ? undefined : { code, end: at + 3, isByte: true }
  }
  const octal = /[0-3][0-7]{2}/y
  octal.lastIndex = at
  const found = octal.exec(text)
  return found === null ? undefined : { code: Number.parseInt(found[0], 8), end: at + 3, isByte: true }
}

function inBraces(text: string, at: number): Escape | undefined {
  let end = at
  while (end < at + 6 && hexDigit(text.charCodeAt(end)) >= 0) end += 1
  return text[end] === '}' && end > at ? { code: hexNumber(text, at, end - at), end: end + 1 } : undefined
}

/** The space before the next one is a separator, not text. */
function unicodeName(text: string, at: number): Escape | undefined {
  let end = at + 2
  while (end < at + 8 && hexDigit(text.charCodeAt(end)) >= 0) end += 1
  if (end < at + 6) return undefined
  return { code: hexNumber(text, at + 2, end - at - 2), end: text.startsWith(' U+', end) ? end + 1 : end }
}
