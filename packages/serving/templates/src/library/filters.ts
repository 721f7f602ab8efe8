/** The Jinja filters (`value | name`) that chat templates use. */

import { spendCharacters, spendItems } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'
import { formatPercent } from '../values/format.ts'
import { toJson } from '../values/json.ts'
import { arithmetic, compare, defined } from '../values/operators.ts'
import { joined, textOf } from '../values/text.ts'
import {
  type Arguments,
  Dict,
  float,
  hash,
  isFloat,
  isTrue,
  iterate,
  type Key,
  Lazy,
  lengthOf,
  numberOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from '../values/values.ts'
import { getItem } from './attributes.ts'
import { bind, integerOf } from './bind.ts'
import { capitalize, pad, replace, reversed, splitLines, strip, titleFilter } from './strings.ts'
import { hasTest, runTest } from './tests.ts'

type Bound = readonly (Value | undefined)[]

interface Filter {
  readonly parameters: readonly string[]
  readonly apply: (input: Value, args: Bound) => Value
}

export function hasFilter(name: string): boolean {
  return filters.has(name) || variadic.has(name)
}

export function applyFilter(name: string, input: Value, args: Arguments): Value {
  const free = variadic.get(name)
  if (free !== undefined) return free(input, args)
  const found = filters.get(name)
  if (found === undefined) throw runtimeFailure(`No filter named '${name}'.`)
  return found.apply(input, bind(name, found.parameters, args))
}

const text = (change: (text: string) => string): Filter => ({
  parameters: [],
  apply: (input) => {
    const written = textOf(input)
    spendCharacters(written.length)
    return change(written)
  },
})

const length: Filter = {
  parameters: [],
  apply: (input) => {
    const found = lengthOf(input)
    if (found === undefined) throw runtimeFailure(`object of type '${typeName(input)}' has no len()`)
    return found
  },
}

const fallback: Filter = {
  parameters: ['default_value?', 'boolean?'],
  apply: (input, [value = '', boolean = false]) =>
    input instanceof Undefined || (isTrue(boolean) && !isTrue(input)) ? value : input,
}

const escapeHtml = text((written) =>
  written.replace(
    /[&<>'"]/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' })[char]!,
  ),
)

/** Reads a path such as `function.name` or `0` from an item. */
function getter(attribute: Value | undefined): (item: Value) => Value {
  if (attribute === undefined || attribute === null) return (item) => item
  const path: Value[] = typeof attribute === 'string' ? attribute.split('.') : [attribute]
  const keys = path.map((part) => (typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part))
  return (item) => keys.reduce<Value>((value, key) => getItem(defined(value), key), item)
}

const ignoringCase = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value)

function sorter(attribute: Value | undefined, sensitive: Value): (item: Value) => Value {
  const paths = typeof attribute === 'string' ? attribute.split(',').map(getter) : [getter(attribute)]
  const fold = isTrue(sensitive) ? (value: Value) => value : ignoringCase
  if (paths.length === 1) return (item) => fold(paths[0]!(item))
  return (item) => paths.map((path) => fold(path(item)))
}

function sorted(items: readonly Value[], key: (item: Value) => Value, descending: boolean): Value[] {
  spendItems(2 * items.length)
  const keyed = items.map((item) => ({ item, key: key(item) }))
  keyed.sort((one, other) => (descending ? compare(other.key, one.key) : compare(one.key, other.key)))
  return keyed.map(({ item }) => item)
}

/** The minimum or maximum; on a tie, the first one. */
const extreme = (sign: 1 | -1): Filter => ({
  parameters: ['case_sensitive?', 'attribute?'],
  apply: (input, [sensitive = false, attribute]) => {
    const key = sorter(attribute, sensitive)
    const [first, ...rest] = iterate(input)
    if (first === undefined) return new Undefined('No aggregated item, sequence was empty.')
    return rest.reduce<Value>((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best), first)
  },
})

/** `select` and `reject`, by a test or by truth; `key` returns the value to test. */
function* chosen(
  items: Value,
  key: (item: Value) => Value,
  [name, ...args]: readonly Value[],
  wanted: boolean,
): Generator<Value> {
  for (const item of isTrue(items) ? iterate(items) : []) {
    const value = key(item)
    if ((name === undefined ? isTrue(value) : runTest(textOf(name), value, args)) === wanted) yield item
  }
}

function known(name: Value | undefined): void {
  if (name !== undefined && !hasTest(textOf(name))) throw runtimeFailure(`No test named '${textOf(name)}'.`)
}

const choosing =
  (wanted: boolean, byAttribute: boolean) =>
  (input: Value, { positional }: Arguments): Value => {
    const [attribute, ...rest] = positional
    if (byAttribute && attribute === undefined) throw runtimeFailure('Missing parameter for attribute name')
    known(byAttribute ? rest[0] : attribute)
    return new Lazy(
      byAttribute
        ? chosen(input, getter(attribute), rest, wanted)
        : chosen(input, (item) => item, positional, wanted),
    )
  }

function map(input: Value, { positional, named }: Arguments): Value {
  if (positional.length === 0 && named.has('attribute')) {
    const [attribute, otherwise] = bind('map', ['attribute', 'default?'], { positional, named })
    const get = getter(attribute)
    return new Lazy(
      mapped(input, (item) => {
        const value = get(item)
        return value instanceof Undefined && otherwise !== undefined && otherwise !== null ? otherwise : value
      }),
    )
  }
  const [name, ...rest] = positional
  if (name === undefined) throw runtimeFailure('map requires a filter argument')
  if (!hasFilter(textOf(name))) throw runtimeFailure(`No filter named '${textOf(name)}'.`)
  return new Lazy(mapped(input, (item) => applyFilter(textOf(name), item, { positional: rest, named })))
}

function* mapped(input: Value, change: (item: Value) => Value): Generator<Value> {
  for (const item of isTrue(input) ? iterate(input) : []) yield change(item)
}

/** Filters with any number of arguments. */
const variadic: ReadonlyMap<string, (input: Value, args: Arguments) => Value> = new Map([
  ['map', map],
  ['select', choosing(true, false)],
  ['reject', choosing(false, false)],
  ['selectattr', choosing(true, true)],
  ['rejectattr', choosing(false, true)],
  [
    'format',
    (input: Value, { positional, named }: Arguments): Value =>
      formatPercent(textOf(input), named.size > 0 ? new Dict(named) : new Tuple(positional)),
  ],
])

function* unique(items: readonly Value[], key: (item: Value) => Value): Generator<Value> {
  const seen = new Set<Key>()
  for (const item of items) {
    const hashed = hash(key(item))
    if (!seen.has(hashed)) yield item
    seen.add(hashed)
  }
}

const wholeNumber = /^[+-]?\d+(?:_\d+)*$/
const anyNumber = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

function readFloat(value: Value): number | undefined {
  const number = numberOf(defined(value))
  if (number !== undefined || typeof value !== 'string') return number
  const written = strip(value, 'both')
  if (/^[+-]?inf(inity)?$/i.test(written))
    return written.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^[+-]?nan$/i.test(written)) return Number.NaN
  return anyNumber.test(written) ? Number(written.replaceAll('_', '')) : undefined
}

function readInteger(value: Value, base: number): number | undefined {
  if (typeof value === 'string') {
    const written = strip(value, 'both')
    if (base === 10 && wholeNumber.test(written)) return Number(written.replaceAll('_', ''))
    if (base !== 10) {
      const parsed = Number.parseInt(written.replace(/^0[xob]/i, ''), base)
      if (!Number.isNaN(parsed)) return parsed
    }
  }
  const number = readFloat(value)
  return number !== undefined && Number.isFinite(number) ? Math.trunc(number) : undefined
}

/** Rounds exact ties to even. 2.675 is not one: its double is slightly smaller, so it becomes 2.67. */
function roundHalfEven(value: number, precision: number): number {
  if (precision < 0) {
    const unit = 10 ** -precision
    return roundHalfEven(value / unit, 0) * unit
  }
  if (precision > 30) return value
  const nearest = Number(value.toFixed(precision))
  const exact = Math.abs(value).toFixed(Math.min(100, precision + 60))
  const digits = exact.slice(exact.indexOf('.') + 1)
  const last = precision === 0 ? exact[exact.indexOf('.') - 1] : digits[precision - 1]
  if (!/^50*$/.test(digits.slice(precision)) || Number(last) % 2 === 1) return nearest
  const cut = exact.slice(0, exact.indexOf('.') + 1 + precision)
  return Math.sign(value) * Number(cut)
}

const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['upper', text((written) => written.toUpperCase())],
  ['lower', text((written) => written.toLowerCase())],
  ['title', text(titleFilter)],
  ['capitalize', text(capitalize)],
  ['string', text((written) => written)],
  ['safe', { parameters: [], apply: (input) => (input instanceof Undefined ? '' : textOf(input)) }],
  ['escape', escapeHtml],
  ['e', escapeHtml],
  ['length', length],
  ['count', length],
  ['default', fallback],
  ['d', fallback],
  ['min', extreme(-1)],
  ['max', extreme(1)],
  [
    'trim',
    {
      parameters: ['chars?'],
      apply: (input, [chars]) =>
        strip(textOf(input), 'both', chars === undefined || chars === null ? undefined : textOf(chars)),
    },
  ],
  [
    'replace',
    {
      parameters: ['old', 'new', 'count?'],
      apply: (input, [old, by, most]) =>
        replace(
          textOf(input),
          textOf(old!),
          textOf(by!),
          most === undefined || most === null ? -1 : integerOf(most, 'count'),
        ),
    },
  ],
  [
    'indent',
    {
      parameters: ['width?', 'first?', 'blank?'],
      apply: (input, [width = 4, first = false, blank = false]) => {
        if (typeof defined(input) !== 'string')
          throw runtimeFailure(`indent takes a string, not ${typeName(input)}`)
        const by = typeof width === 'string' ? width : pad('', integerOf(width, 'width'), ' ', 'left')
        const lines = splitLines(`${textOf(input)}\n`)
        const indented = lines.map((line, index) =>
          index > 0 && (isTrue(blank) || line !== '') ? by + line : line,
        )
        return (isTrue(first) ? by : '') + joined(indented, '\n')
      },
    },
  ],
  [
    'center',
    {
      parameters: ['width?'],
      apply: (input, [width = 80]) => pad(textOf(input), integerOf(width, 'width'), ' ', 'both'),
    },
  ],
  [
    'truncate',
    {
      parameters: ['length?', 'killwords?', 'end?', 'leeway?'],
      apply: (input, [most = 255, killWords = false, end = '...', leeway = 5]) => {
        const [points, limit] = [[...textOf(input)], integerOf(most, 'length')]
        if (points.length <= limit + (leeway === null ? 5 : integerOf(leeway, 'leeway')))
          return points.join('')
        const cut = points.slice(0, limit - [...textOf(end)].length).join('')
        const space = isTrue(killWords) ? -1 : cut.lastIndexOf(' ')
        return (space < 0 ? cut : cut.slice(0, space)) + textOf(end)
      },
    },
  ],
  ['wordcount', { parameters: [], apply: (input) => textOf(input).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0 }],
  [
    'tojson',
    {
      parameters: ['ensure_ascii?', 'indent?', 'separators?', 'sort_keys?'],
      apply: (input, [ensureAscii = false, indent = null, separators = null, sortKeys = false]) => {
        const [item, key] = separators === null ? [] : iterate(separators)
        return toJson(input, {
          ensureAscii: isTrue(ensureAscii),
          indent:
            indent === null
              ? undefined
              : typeof indent === 'string'
                ? indent
                : pad('', integerOf(indent, 'indent'), ' ', 'left'),
          itemSeparator: item === undefined ? (indent === null ? ', ' : ',') : textOf(item),
          keySeparator: key === undefined ? ': ' : textOf(key),
          sortKeys: isTrue(sortKeys),
        })
      },
    },
  ],
  [
    'join',
    {
      parameters: ['d?', 'attribute?'],
      apply: (input, [separator = '', attribute]) =>
        joined(
          iterate(input).map((item) => textOf(getter(attribute)(item))),
          textOf(separator),
        ),
    },
  ],
  [
    'list',
    {
      parameters: [],
      apply: (input) => {
        const items = [...iterate(input)]
        spendItems(items.length)
        return items
      },
    },
  ],
  [
    'first',
    {
      parameters: [],
      apply: (input) => {
        const first = input instanceof Lazy ? input.next().value : iterate(input)[0]
        return first ?? (first === null ? null : new Undefined('No first item, sequence was empty.'))
      },
    },
  ],
  [
    'last',
    {
      parameters: [],
      apply: (input) => {
        if (input instanceof Lazy) throw runtimeFailure("'generator' object is not reversible")
        const last = iterate(input).at(-1)
        return last === undefined ? new Undefined('No last item, sequence was empty.') : last
      },
    },
  ],
  [
    'reverse',
    {
      parameters: [],
      apply: (input) => {
        if (typeof input === 'string') return reversed(input)
        return new Lazy([...iterate(input)].reverse())
      },
    },
  ],
  [
    'sort',
    {
      parameters: ['reverse?', 'case_sensitive?', 'attribute?'],
      apply: (input, [descending = false, sensitive = false, attribute]) =>
        sorted(iterate(input), sorter(attribute, sensitive), isTrue(descending)),
    },
  ],
  [
    'unique',
    {
      parameters: ['case_sensitive?', 'attribute?'],
      apply: (input, [sensitive = false, attribute]) =>
        new Lazy(unique(iterate(input), sorter(attribute, sensitive))),
    },
  ],
  [
    'dictsort',
    {
      parameters: ['case_sensitive?', 'by?', 'reverse?'],
      apply: (input, [sensitive = false, by = 'key', descending = false]) => {
        if (!(input instanceof Dict)) throw runtimeFailure(`dictsort takes a mapping, not ${typeName(input)}`)
        if (by !== 'key' && by !== 'value')
          throw runtimeFailure('You can only sort by either "key" or "value"')
        const entries = Array.from(input.entries(), (entry) => new Tuple(entry))
        return sorted(entries, sorter(by === 'key' ? 0 : 1, sensitive), isTrue(descending))
      },
    },
  ],
  [
    'items',
    {
      parameters: [],
      apply: (input) => {
        if (input instanceof Undefined) return new Lazy([])
        if (!(input instanceof Dict)) throw runtimeFailure('Can only get item pairs from a mapping.')
        return new Lazy(Array.from(input.entries(), (entry) => new Tuple(entry)))
      },
    },
  ],
  [
    'sum',
    {
      parameters: ['attribute?', 'start?'],
      apply: (input, [attribute, start = 0]) =>
        iterate(input).reduce<Value>((sum, item) => arithmetic('+', sum, getter(attribute)(item)), start),
    },
  ],
  [
    'abs',
    {
      parameters: [],
      apply: (input) => {
        const number = numberOf(input)
        if (number === undefined) throw runtimeFailure(`bad operand type for abs(): '${typeName(input)}'`)
        return isFloat(input) ? float(Math.abs(number)) : Math.abs(number)
      },
    },
  ],
  [
    'int',
    {
      parameters: ['default?', 'base?'],
      apply: (input, [otherwise = 0, base = 10]) =>
        readInteger(defined(input), integerOf(base, 'base')) ?? otherwise,
    },
  ],
  [
    'float',
    {
      parameters: ['default?'],
      apply: (input, [otherwise = float(0)]) => {
        const number = readFloat(input)
        return number === undefined ? otherwise : float(number)
      },
    },
  ],
  [
    'round',
    {
      parameters: ['precision?', 'method?'],
      apply: (input, [precision = 0, method = 'common']) => {
        const [number, places] = [numberOf(defined(input)), integerOf(precision, 'precision')]
        if (number === undefined)
          throw runtimeFailure(`type ${typeName(input)} doesn't define __round__ method`)
        if (method === 'common') return isFloat(input) ? float(roundHalfEven(number, places)) : number
        if (method !== 'ceil' && method !== 'floor')
          throw runtimeFailure('method must be common, ceil or floor')
        const rounded = Math[method](number * 10 ** places)
        return places === 0 ? float(rounded) : float(rounded / 10 ** places)
      },
    },
  ],
])
