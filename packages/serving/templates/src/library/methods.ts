/** Methods of Python's strings, lists, tuples and dicts. The sandbox forbids those that modify their object. */

import { spendCharacters, spendItems } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'
import { formatBraces } from '../values/format.ts'
import { isEqual } from '../values/operators.ts'
import { joined } from '../values/text.ts'
import {
  type Arguments,
  Callable,
  codePoints,
  Dict,
  DictView,
  isList,
  iterate,
  Tuple,
  typeName,
  type Value,
} from '../values/values.ts'
import { bind, integerOf } from './bind.ts'
import { itemOf } from './items.ts'
import {
  capitalize,
  count,
  isAllSpace,
  pad,
  replace,
  sliceText,
  split,
  splitLines,
  strip,
  titleCase,
} from './strings.ts'

interface Method<T> {
  readonly parameters: readonly string[]
  readonly call: (self: T, args: readonly (Value | undefined)[]) => Value
}

const unsafe: Readonly<Record<'list' | 'dict', ReadonlySet<string>>> = {
  list: new Set(['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort']),
  dict: new Set(['clear', 'pop', 'popitem', 'setdefault', 'update']),
}

/** Whether the method exists in Python but is forbidden by the sandbox. */
export function isUnsafe(object: Value, name: string): boolean {
  if (name.startsWith('__')) return true
  if (isList(object)) return unsafe.list.has(name)
  return object instanceof Dict && unsafe.dict.has(name)
}

/** Undefined if there is no such method. */
export function methodOf(object: Value, name: string): Callable | undefined {
  if (typeof object === 'string') {
    if (name === 'format') return new Callable(name, (args) => format(object, args))
    return bound(object, name, stringMethods)
  }
  if (object instanceof Dict) return bound(object, name, dictMethods)
  if (isList(object)) return bound(object, name, listMethods)
  return object instanceof Tuple ? bound(object.items, name, listMethods, ['copy']) : undefined
}

function bound<T>(
  self: T,
  name: string,
  methods: Readonly<Record<string, Method<T>>>,
  without: readonly string[] = [],
): Callable | undefined {
  if (!Object.hasOwn(methods, name) || without.includes(name)) return undefined
  const { parameters, call } = methods[name]!
  return new Callable(name, (args) => call(self, bind(name, parameters, args)))
}

const dictMethods: Readonly<Record<string, Method<Dict>>> = {
  get: {
    parameters: ['key', 'default?'],
    call: (self, [key, fallback = null]) => (self.has(key!) ? self.get(key!)! : fallback),
  },
  items: {
    parameters: [],
    call: (self) => {
      spendItems(3 * self.size)
      return new DictView(
        'dict_items',
        Array.from(self.entries(), (entry) => new Tuple(entry)),
      )
    },
  },
  keys: {
    parameters: [],
    call: (self) =>
      new DictView(
        'dict_keys',
        Array.from(self.entries(), ([key]) => key),
      ),
  },
  values: {
    parameters: [],
    call: (self) =>
      new DictView(
        'dict_values',
        Array.from(self.entries(), ([, value]) => value),
      ),
  },
  copy: { parameters: [], call: (self) => self },
}

const listMethods: Readonly<Record<string, Method<readonly Value[]>>> = {
  count: {
    parameters: ['value'],
    call: (self, [value]) => self.filter((item) => isEqual(item, value!)).length,
  },
  index: {
    parameters: ['value'],
    call: (self, [value]) => {
      const index = self.findIndex((item) => isEqual(item, value!))
      if (index < 0) throw runtimeFailure('the value is not in the list')
      return index
    },
  },
  copy: { parameters: [], call: (self) => self },
}

function textArgument(value: Value | undefined, method: string): string {
  if (typeof value !== 'string')
    throw runtimeFailure(
      `${method}() argument must be str, not ${value === undefined ? 'missing' : typeName(value)}`,
    )
  return value
}

function optionalText(value: Value | undefined, method: string): string | undefined {
  return value === undefined || value === null ? undefined : textArgument(value, method)
}

const optionalInteger = (value: Value | undefined): number | undefined =>
  value === undefined || value === null ? undefined : integerOf(value, 'a position')

const simple = (call: (text: string) => Value): Method<string> => ({
  parameters: [],
  call: (self) => {
    spendCharacters(self.length)
    return call(self)
  },
})

const stripping = (ends: 'both' | 'start' | 'end'): Method<string> => ({
  parameters: ['chars?'],
  call: (self, [chars]) => strip(self, ends, optionalText(chars, 'strip')),
})

const affix = (name: 'startsWith' | 'endsWith'): Method<string> => ({
  parameters: ['prefix', 'start?', 'end?'],
  call: (self, [sought, start, end]) => {
    const text = start === undefined ? self : sliceText(self, optionalInteger(start), optionalInteger(end))
    const all = sought instanceof Tuple ? sought.items : [sought]
    return all.some((each) => text[name](textArgument(each, name.toLowerCase())))
  },
})

/** Positions are relative to the start of the whole string. */
const finding = (fromEnd: boolean, required: boolean): Method<string> => ({
  parameters: ['sub', 'start?', 'end?'],
  call: (self, [sub, start, end]) => {
    const from = optionalInteger(start) ?? 0
    const text = start === undefined ? self : sliceText(self, from, optionalInteger(end))
    const sought = textArgument(sub, 'find')
    const at = fromEnd ? text.lastIndexOf(sought) : text.indexOf(sought)
    if (at >= 0) {
      const skipped = from < 0 ? Math.max(0, codePoints(self) + from) : from
      return skipped + codePoints(text.slice(0, at))
    }
    if (required) throw runtimeFailure('substring not found')
    return -1
  },
})

const splitting = (fromEnd: boolean): Method<string> => ({
  parameters: ['sep?', 'maxsplit?'],
  call: (self, [sep, maxsplit = -1]) => {
    const separator = optionalText(sep, 'split')
    if (separator === '') throw runtimeFailure('empty separator')
    return split(self, separator, integerOf(maxsplit, 'maxsplit'), fromEnd)
  },
})

const partitioning = (fromEnd: boolean): Method<string> => ({
  parameters: ['sep'],
  call: (self, [sep]) => {
    const separator = textArgument(sep, 'partition')
    if (separator === '') throw runtimeFailure('empty separator')
    const at = fromEnd ? self.lastIndexOf(separator) : self.indexOf(separator)
    if (at < 0) return new Tuple(fromEnd ? ['', '', self] : [self, '', ''])
    return new Tuple([self.slice(0, at), separator, self.slice(at + separator.length)])
  },
})

const padding = (side: 'left' | 'right' | 'both'): Method<string> => ({
  parameters: ['width', 'fillchar?'],
  call: (self, [width, fill = ' ']) =>
    pad(self, integerOf(width!, 'width'), textArgument(fill, 'fill'), side),
})

const every = (pattern: RegExp): Method<string> => simple((text) => pattern.test(text))

const stringMethods: Readonly<Record<string, Method<string>>> = {
  upper: simple((text) => text.toUpperCase()),
  lower: simple((text) => text.toLowerCase()),
  casefold: simple((text) => text.toLowerCase().replaceAll('ß', 'ss')),
  capitalize: simple(capitalize),
  title: simple(titleCase),
  swapcase: simple((text) =>
    text.replace(/\p{L}/gu, (char) =>
      char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase(),
    ),
  ),
  strip: stripping('both'),
  lstrip: stripping('start'),
  rstrip: stripping('end'),
  startswith: affix('startsWith'),
  endswith: affix('endsWith'),
  find: finding(false, false),
  rfind: finding(true, false),
  index: finding(false, true),
  rindex: finding(true, true),
  split: splitting(false),
  rsplit: splitting(true),
  partition: partitioning(false),
  rpartition: partitioning(true),
  splitlines: {
    parameters: ['keepends?'],
    call: (self, [keepends = false]) => splitLines(self, keepends === true || keepends === 1),
  },
  replace: {
    parameters: ['old', 'new', 'count?'],
    call: (self, [old, by, most = -1]) =>
      replace(self, textArgument(old, 'replace'), textArgument(by, 'replace'), integerOf(most, 'count')),
  },
  count: { parameters: ['sub'], call: (self, [sub]) => count(self, textArgument(sub, 'count')) },
  join: {
    parameters: ['iterable'],
    call: (self, [items]) =>
      joined(
        iterate(items!).map((item, index) => {
          if (typeof item === 'string') return item
          throw runtimeFailure(`sequence item ${index}: expected str instance, ${typeName(item)} found`)
        }),
        self,
      ),
  },
  removeprefix: {
    parameters: ['prefix'],
    call: (self, [prefix]) => {
      const text = textArgument(prefix, 'removeprefix')
      return self.startsWith(text) ? self.slice(text.length) : self
    },
  },
  removesuffix: {
    parameters: ['suffix'],
    call: (self, [suffix]) => {
      const text = textArgument(suffix, 'removesuffix')
      return text !== '' && self.endsWith(text) ? self.slice(0, -text.length) : self
    },
  },
  ljust: padding('right'),
  rjust: padding('left'),
  center: padding('both'),
  zfill: {
    parameters: ['width'],
    call: (self, [width]) => {
      const sign = /^[+-]/.test(self) ? self[0]! : ''
      return sign + pad(self.slice(sign.length), integerOf(width!, 'width') - sign.length, '0', 'left')
    },
  },
  isspace: simple(isAllSpace),
  isdigit: every(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(/^\p{N}+$/u),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isascii: every(/^[\0-\x7f]*$/),
  isidentifier: every(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  isupper: simple((text) => text !== text.toLowerCase() && text === text.toUpperCase()),
  islower: simple((text) => text !== text.toUpperCase() && text === text.toLowerCase()),
}

/** Fields may have attributes and items: `{0.name}`, `{a[0]}`. */
function format(template: string, { positional, named }: Arguments): string {
  return formatBraces(template, (field) => {
    const [first = '', ...path] = field.split(/[.[]/)
    const start = /^\d+$/.test(first) ? positional[Number(first)] : named.get(first)
    if (start === undefined) throw runtimeFailure(`format has no argument '${first}'`)
    return path.reduce<Value>((value, part) => {
      const key = part.replace(/\]$/, '')
      return itemOf(value, /^\d+$/.test(key) ? Number(key) : key) ?? null
    }, start)
  })
}
