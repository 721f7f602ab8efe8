/** Python's conversions of values to text: `str`, `repr` and `float.__repr__`. */

import { spendCharacters, step } from '../budget.ts'
import {
  Callable,
  Dict,
  DictView,
  isList,
  Lazy,
  LoopState,
  Namespace,
  Range,
  Tuple,
  Undefined,
  type Value,
  Whole,
} from './values.ts'

/** Python's `str`. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (value instanceof Undefined) return ''
  return represent(value)
}

/** Python's `repr`. */
export function represent(value: Value): string {
  step()
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  if (value instanceof Whole) return floatText(value.value)
  if (isList(value)) return `[${listed(value)}]`
  if (value instanceof Tuple) return `(${listed(value.items)}${value.items.length === 1 ? ',' : ''})`
  if (value instanceof Dict) return `{${pairs(value.entries())}}`
  if (value instanceof DictView) return `${value.kind}([${listed(value.items)}])`
  if (value instanceof Range) return value.written
  if (value instanceof Undefined) return 'Undefined'
  if (value instanceof Namespace) return `<Namespace {${pairs(value.members)}}>`
  if (value instanceof Lazy) return '<generator object>'
  if (value instanceof LoopState) return `<LoopContext ${value.index0 + 1}/${value.items.length}>`
  if (value instanceof Callable) return `<function ${value.name}>`
  return value satisfies never
}

/** The items' `repr`, separated by commas. */
function listed(items: readonly Value[]): string {
  return joined(items.map(represent), ', ')
}

function pairs(entries: Iterable<readonly [Value, Value]>): string {
  return joined(
    Array.from(entries, ([key, value]) => `${represent(key)}: ${represent(value)}`),
    ', ',
  )
}

/** Joins texts within the limit on characters. */
export function joined(texts: readonly string[], separator: string): string {
  let length = separator.length * Math.max(0, texts.length - 1)
  for (const text of texts) length += text.length
  spendCharacters(length)
  return texts.join(separator)
}

export function numberText(value: number): string {
  if (!Number.isInteger(value)) return floatText(value)
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString()
}

/** The shortest digits that parse back to `value`; with an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [, digits = '', exponentText = '0'] = /^-?([\d.]+)e([+-]\d+)$/.exec(value.toExponential()) ?? []
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 16) return Number.isInteger(value) ? `${value}.0` : plainDigits(value)
  const sign = value < 0 ? '-' : ''
  const places = String(Math.abs(exponent)).padStart(2, '0')
  return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${places}`
}

/** Without an exponent: JavaScript uses one only below 1e-6 and from 1e21 on. */
const plainDigits = (value: number): string => String(value)

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Characters that are not printable by `str.isprintable`, except private-use ones: callers mark text with them (seals of
 * control tokens), and escaping would destroy the marks. They are rare in prompts, so the difference hardly matters.
 */
const unprintable = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Z}]/gu

function quoted(text: string): string {
  spendCharacters(text.length)
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(unprintable, (char) => {
    if (char === ' ') return char
    const known = escapes[char]
    if (known !== undefined) return known
    const code = char.codePointAt(0)!
    const hex = code.toString(16)
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
  })
  return `${mark}${escaped.replaceAll(mark, `\\${mark}`)}${mark}`
}
