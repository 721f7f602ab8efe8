/** Python's formatting of text and numbers: `'%s' % x` and `'{}'.format(x)`. */

import { spendCharacters } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'
import { represent, textOf } from './text.ts'
import { Dict, numberOf, Tuple, typeName, type Value } from './values.ts'

const conversion = /%(?:\(([^)]*)\))?([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g

export function formatPercent(template: string, argument: Value): string {
  const given = argument instanceof Tuple ? argument.items : [argument]
  let used = 0
  const next = (name: string | undefined): Value => {
    if (name !== undefined) {
      if (!(argument instanceof Dict)) throw runtimeFailure('format requires a mapping')
      const value = argument.get(name)
      if (value === undefined) throw runtimeFailure(`format has no key '${name}'`)
      return value
    }
    if (used >= given.length) throw runtimeFailure('not enough arguments for format string')
    used += 1
    return given[used - 1]!
  }
  const text = template.replace(
    conversion,
    (
      _whole,
      name: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%'
      const converted = convert(kind, next(name), precision === undefined ? undefined : Number(precision))
      const signed =
        flags.includes('+') && kind !== 's' && !converted.startsWith('-') ? `+${converted}` : converted
      return padded(
        signed,
        Number(width),
        flags.includes('-') ? '<' : flags.includes('0') && kind !== 's' ? '=' : '>',
        flags.includes('0') ? '0' : ' ',
      )
    },
  )
  if (!(argument instanceof Dict) && used < given.length)
    throw runtimeFailure('not all arguments converted during string formatting')
  spendCharacters(text.length)
  return text
}

function convert(kind: string, value: Value, precision: number | undefined): string {
  if (kind === 's') return clipped(textOf(value), precision)
  if (kind === 'r') return clipped(represent(value), precision)
  const number = numberOf(value)
  if (number === undefined)
    throw runtimeFailure(`%${kind} format: a real number is required, not ${typeName(value)}`)
  switch (kind) {
    case 'd':
    case 'i':
    case 'u':
      return String(Math.trunc(number))
    case 'f':
    case 'F':
      return fixed(number, precision ?? 6)
    case 'x':
      return Math.trunc(number).toString(16)
    case 'X':
      return Math.trunc(number).toString(16).toUpperCase()
    case 'o':
      return Math.trunc(number).toString(8)
    case 'e': {
      const [digits, exponent = '+0'] = number.toExponential(bounded(precision ?? 6)).split('e')
      return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
    }
    default:
      throw runtimeFailure(`unsupported format character '${kind}'`)
  }
}

function clipped(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('')
}

function bounded(precision: number): number {
  if (precision > 100) throw runtimeFailure(`a precision of ${precision} is too large`)
  return precision
}

function fixed(value: number, precision: number): string {
  return value.toFixed(bounded(precision))
}

function padded(text: string, width: number, alignment: string, fill: string): string {
  const missing = width - text.length
  if (!(missing > 0)) return text
  spendCharacters(width)
  if (alignment === '<') return text + fill.repeat(missing)
  if (alignment === '^') {
    const left = Math.floor(missing / 2)
    return fill.repeat(left) + text + fill.repeat(missing - left)
  }
  const sign = alignment === '=' && /^[+-]/.test(text) ? text[0]! : ''
  return sign + fill.repeat(missing) + text.slice(sign.length)
}

const field = /\{\{|\}\}|\{([^{}:!]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g
const specification = /^(?:(.)?([<>=^]))?([+ -]?)(0?)(\d*)(,?)(?:\.(\d+))?([a-zA-Z%]?)$/su

/** `str.format`; `lookUp` resolves a field such as `a.b` or `0`. */
export function formatBraces(template: string, lookUp: (name: string) => Value): string {
  let automatic = 0
  const text = template.replace(
    field,
    (whole, name: string | undefined, repr: string | undefined, written: string | undefined) => {
      if (whole === '{{') return '{'
      if (whole === '}}') return '}'
      if (name === undefined) throw runtimeFailure(`Single '${whole}' encountered in format string`)
      const value = lookUp(name === '' ? String(automatic++) : name)
      return formatField(
        repr === 'r' ? represent(value) : repr === 's' ? textOf(value) : value,
        written ?? '',
      )
    },
  )
  spendCharacters(text.length)
  return text
}

function formatField(value: Value, written: string): string {
  if (written === '') return textOf(value)
  const parts = specification.exec(written)
  if (parts === null) throw runtimeFailure(`Invalid format specifier '${written}'`)
  const [, fill, align, sign = '', zero = '', width = '', comma = '', precision, kind = ''] = parts
  const number = typeof value === 'boolean' ? undefined : numberOf(value)
  let text: string
  if (number === undefined || kind === 's')
    text = clipped(textOf(value), precision === undefined ? undefined : Number(precision))
  else if (kind === '' && precision === undefined) text = textOf(value)
  else if (kind === '%') text = `${fixed(number * 100, Number(precision ?? 6))}%`
  else
    text = convert(kind === '' ? 'f' : kind, value, precision === undefined ? undefined : Number(precision))
  if (comma !== '') text = text.replace(/^(-?\d+)/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','))
  if (number !== undefined && sign === '+' && !text.startsWith('-')) text = `+${text}`
  const numeric = number !== undefined
  return padded(
    text,
    Number(width),
    align ?? (zero !== '' && numeric ? '=' : numeric ? '>' : '<'),
    fill ?? (zero !== '' ? '0' : ' '),
  )
}
