/** Python's `json.dumps`, with the arguments of `apply_chat_template`'s filter `tojson`. */

import { spendCharacters, step } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'
import { comparePoints } from './operators.ts'
import { floatText, numberText } from './text.ts'
import { Dict, isList, numberOf, Tuple, typeName, type Value, Whole } from './values.ts'

export interface JsonStyle {
  readonly ensureAscii: boolean
  /** One level of indentation; undefined: everything on one line. */
  readonly indent: string | undefined
  readonly itemSeparator: string
  readonly keySeparator: string
  readonly sortKeys: boolean
}

/** Throws for values that JSON cannot represent. */
export function toJson(value: Value, style: JsonStyle): string {
  return write(value, style, style.indent === undefined ? undefined : '\n')
}

function write(value: Value, style: JsonStyle, line: string | undefined): string {
  step()
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return jsonString(value, style.ensureAscii)
  const number = numberOf(value)
  if (number !== undefined) return jsonNumber(number, value instanceof Whole)
  const list = value instanceof Tuple ? value.items : isList(value) ? value : undefined
  const inner = line === undefined ? undefined : line + style.indent
  if (list !== undefined)
    return enclosed(
      '[]',
      list.map((item) => write(item, style, inner)),
      style,
      line,
    )
  if (!(value instanceof Dict))
    throw runtimeFailure(`Object of type ${typeName(value)} is not JSON serializable`)
  const entries = [...value.entries()]
  if (style.sortKeys) entries.sort(([one], [other]) => compareKeys(one, other))
  const members = entries.map(
    ([key, member]) =>
      `${jsonString(keyText(key), style.ensureAscii)}${style.keySeparator}${write(member, style, inner)}`,
  )
  return enclosed('{}', members, style, line)
}

function enclosed(
  brackets: '[]' | '{}',
  parts: readonly string[],
  { itemSeparator, indent = '' }: JsonStyle,
  line: string | undefined,
): string {
  const [open, close] = brackets
  if (parts.length === 0) return brackets
  const separator = line === undefined ? itemSeparator : itemSeparator + line + indent
  let length = 2 + separator.length * parts.length
  for (const part of parts) length += part.length
  spendCharacters(length)
  return line === undefined
    ? `${open}${parts.join(separator)}${close}`
    : `${open}${line}${indent}${parts.join(separator)}${line}${close}`
}

function jsonNumber(value: number, whole: boolean): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity'
  return whole ? floatText(value) : numberText(value)
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  const number = numberOf(key)
  if (number === undefined)
    throw runtimeFailure(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
  return jsonNumber(number, key instanceof Whole)
}

function compareKeys(one: Value, other: Value): number {
  if (typeof one === 'string' && typeof other === 'string') return comparePoints(one, other)
  const [first, second] = [numberOf(one), numberOf(other)]
  if (first === undefined || second === undefined)
    throw runtimeFailure(`'<' not supported between instances of '${typeName(other)}' and '${typeName(one)}'`)
  return first - second
}

/** Private-use characters are not escaped, as in `represent`: callers mark text with them. */
const notAscii = /[\x7f-\udfff\uf900-\uffff]/g

function jsonString(text: string, ensureAscii: boolean): string {
  spendCharacters(text.length)
  const json = JSON.stringify(text)
  if (!ensureAscii) return json
  return json.replace(notAscii, (unit) => {
    const code = unit.charCodeAt(0)
    return code === 0x7f ? unit : `\\u${code.toString(16).padStart(4, '0')}`
  })
}
