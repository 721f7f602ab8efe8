/**
 * Rules for unconstrained JSON: values by type, string characters, white space. White space is bounded, so that a model cannot loop on it,
 * and digits are, so that numbers are finite.
 */

import { type CodePoints, codePoints, codePointsOf, intersectCodePoints } from '../language/code-points.ts'
import {
  anyOf,
  choice,
  type Expression,
  nothing,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from './expression.ts'

/** `compact`: no white space. `loose`: a space, or a line break and up to 32 spaces, after openers and separators. */
export type Spaces = 'compact' | 'loose'

const digit = anyOf(codePoints([0x30, 0x39]))
const oneToNine = anyOf(codePoints([0x31, 0x39]))
const hex = anyOf(codePoints([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]))
const quoteMark = text('"')
/** Characters that need no escape in a string. */
const unescaped = codePoints([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x10ffff])

const letters = (members: string): Expression => anyOf(codePointsOf(members))

export function commonRules(spaces: Spaces): Map<string, Expression> {
  const ws = rule('ws')
  const list = (open: string, item: Expression, close: string): Expression =>
    sequence(
      text(open),
      ws,
      optional(sequence(item, repeat(sequence(text(','), ws, item), 0, Number.POSITIVE_INFINITY), ws)),
      text(close),
    )
  const indent = sequence(optional(text('\r')), text('\n'), repeat(letters(' \t'), 0, 32))
  return new Map<string, Expression>([
    ['ws', spaces === 'compact' ? nothing : optional(choice(text(' '), indent))],
    [
      'json-value',
      choice(
        rule('json-object'),
        rule('json-array'),
        rule('json-string'),
        rule('json-number'),
        text('true'),
        text('false'),
        text('null'),
      ),
    ],
    ['json-object', list('{', rule('json-member'), '}')],
    ['json-member', sequence(rule('json-string'), text(':'), ws, rule('json-value'))],
    ['json-array', list('[', rule('json-value'), ']')],
    ['json-string', sequence(quoteMark, repeat(rule('json-char'), 0, Number.POSITIVE_INFINITY), quoteMark)],
    ['json-char', choice(anyOf(unescaped), sequence(text('\\'), rule('json-escape')))],
    ['json-escape', choice(letters('"\\/bfnrt'), sequence(text('u'), rule('json-unicode')))],
    ['json-unicode', unicodeEscape()],
    [
      'json-number',
      sequence(optional(text('-')), wholePart(16), optional(fraction(16)), optional(exponent())),
    ],
    ['json-integer', choice(text('0'), sequence(optional(text('-')), oneToNine, repeat(digit, 0, 17)))],
  ])
}

/** A known member name and its colon. */
export function memberName(name: string): Expression {
  return sequence(text(JSON.stringify(name)), text(':'), rule('ws'))
}

/** A character of `set` in a constrained JSON string: verbatim where JSON allows it, otherwise escaped. */
export function jsonCharacter(set: CodePoints): Expression {
  const choices = [anyOf(intersectCodePoints(set, unescaped))]
  const escapable: [codePoint: number, letter: string][] = [
    [0x22, '"'],
    [0x5c, '\\'],
    [0x08, 'b'],
    [0x0c, 'f'],
    [0x0a, 'n'],
    [0x0d, 'r'],
    [0x09, 't'],
  ]
  const short = escapable.filter(([c]) => set.some(([from, to]) => from <= c && c <= to)).map(([, l]) => l)
  if (short.length > 0) choices.push(sequence(text('\\'), letters(short.join(''))))
  for (const high of [0, 1]) {
    const low = intersectCodePoints(set, [[high * 16, high * 16 + 15]])
    const digits = low.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, i) => ((from + i) % 16).toString(16)),
    )
    if (digits.length > 0) {
      const either = digits.join('') + digits.join('').toUpperCase()
      choices.push(sequence(text(`\\u00${high}`), letters(either)))
    }
  }
  return choice(...choices)
}

/** The four digits after `\u`, or a surrogate pair of escapes: a single character. */
function unicodeEscape(): Expression {
  const d = letters('dD')
  return choice(
    sequence(
      anyOf(codePoints([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66])),
      hex,
      hex,
      hex,
    ),
    sequence(d, anyOf(codePoints([0x30, 0x37])), hex, hex),
    sequence(d, letters('89abAB'), hex, hex, text('\\u'), d, letters('cdefCDEF'), hex, hex),
  )
}

function wholePart(digits: number): Expression {
  return choice(text('0'), sequence(oneToNine, repeat(digit, 0, digits - 1)))
}

function fraction(digits: number): Expression {
  return sequence(text('.'), repeat(digit, 1, digits))
}

/** Up to e289: finite with sixteen digits before the point. */
function exponent(): Expression {
  const minus = sequence(text('-'), anyOf(codePoints([0x31, 0x32])), digit, digit)
  const plus = sequence(
    optional(text('+')),
    choice(sequence(text('1'), digit, digit), sequence(text('2'), anyOf(codePoints([0x30, 0x38])), digit)),
  )
  return sequence(letters('eE'), choice(sequence(optional(letters('+-')), repeat(digit, 1, 2)), minus, plus))
}
