/**
 * Decodes HTML character references: `&#105;`, `&#x69;`, `&lt;`, `&ifr;`, including repeated escaping (`&amp;amp;lt;`). A lone `&amp;`
 * hides nothing and stays.
 */

import { hexDigit } from './digits.ts'
import { letterOf } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'

/** HTML names of ASCII characters, lowercase. */
const named = new Map(
  (
    'lt < gt > quot " apos \' nbsp   tab \t newline \n excl ! num # dollar $ percnt % lpar ( rpar ) ast * midast * plus + ' +
    'comma , period . sol / colon : semi ; equals = quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] hat ^ ' +
    'lowbar _ grave ` lcub { lbrace { verbar | vert | rcub } rbrace } hyphen - dash -'
  )
    .match(/[a-z]+ ./gs)!
    .map((pair) => [pair.slice(0, -2), pair.at(-1)!] as const),
)
/** References to invisible characters. */
const invisible = new Set(['shy', 'zwj', 'zwnj', 'lrm', 'rlm', 'zerowidthspace', 'nobreak'])
/** Letters in Fraktur, double-struck and script faces. */
const faced = /^([a-z])(?:fr|opf|scr)$/

const ampersands = ['amp;', '#38;', '#038;', '#x26;', '#X26;', 'AMP;']
const longestName = 16

export function readEntities(text: string): Woven | undefined {
  let at = text.indexOf('&')
  if (at < 0) return undefined
  const weave = new Weave(text)
  while (at >= 0) {
    const start = afterAmpersands(text, at + 1)
    const reference = text[start] === '#' ? numbered(text, start + 1) : name(text, start)
    if (reference !== undefined) weave.replace(at, reference.end, reference.said)
    else if (start > at + 5) weave.replace(at, start, '&')
    at = text.indexOf('&', reference?.end ?? start)
  }
  return weave.isChanged ? weave.finish() : undefined
}

interface Reference {
  readonly said: string
  readonly end: number
}

/** End of an ampersand escaped any number of times. */
function afterAmpersands(text: string, at: number): number {
  for (;;) {
    const next = text[at]
    const escaped =
      next === '#' || next === 'a' || next === 'A'
        ? ampersands.find((ampersand) => text.startsWith(ampersand, at))
        : undefined
    if (escaped === undefined) return at
    at += escaped.length
  }
}

function numbered(text: string, at: number): Reference | undefined {
  const isHex = text[at] === 'x' || text[at] === 'X'
  const radix = isHex ? 16 : 10
  let end = isHex ? at + 1 : at
  let code = 0
  for (; end < text.length && code <= 0x10ffff; end += 1) {
    const digit = hexDigit(text.charCodeAt(end))
    if (digit < 0 || digit >= radix) break
    code = code * radix + digit
  }
  const hasDigits = end > (isHex ? at + 1 : at)
  if (!hasDigits || code < 9 || code > 0x10ffff || (code > 13 && code < 32)) return undefined
  return { said: String.fromCodePoint(code), end: text[end] === ';' ? end + 1 : end }
}

function name(text: string, at: number): Reference | undefined {
  let end = at
  while (end < at + longestName && letterOf(text.charCodeAt(end)) > 0) end += 1
  if (text[end] !== ';' || end < at + 2) return undefined
  const called = text.slice(at, end)
  const lower = called.toLowerCase()
  end += 1
  if (invisible.has(lower)) return { said: '', end }
  const said = named.get(lower) ?? (faced.test(lower) ? called[0] : undefined)
  return said === undefined ? undefined : { said, end }
}
