/**
 * Python's values as templates see them. `None` is null; booleans and strings are JavaScript's; an integral number is an int,
 * any other a float. The classes here represent types without a JavaScript counterpart. Lists and dicts are immutable, because
 * the sandbox forbids changes; only namespaces change.
 */

import { spendItems, step } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Whole
  | Tuple
  | Dict
  | DictView
  | Range
  | Lazy
  | Undefined
  | Namespace
  | Callable
  | LoopState

/** A float without a fraction: `2.0`, which Python prints differently from `2`. */
export class Whole {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export function float(value: number): number | Whole {
  return Number.isInteger(value) ? new Whole(value) : value
}

export class Tuple {
  readonly items: readonly Value[]

  constructor(items: readonly Value[]) {
    this.items = items
  }
}

export type Key = string | number | null

/** Insertion-ordered. Keys that are equal in Python (1, 1.0, true) are the same key. */
export class Dict {
  readonly #entries = new Map<Key, readonly [key: Value, value: Value]>()

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) {
      const hashed = hash(key)
      this.#entries.set(hashed, [this.#entries.get(hashed)?.[0] ?? key, value])
    }
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: Value): boolean {
    return this.#entries.has(hash(key))
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(typeof key === 'string' ? key : hash(key))?.[1]
  }

  entries(): Iterable<readonly [Value, Value]> {
    return this.#entries.values()
  }
}

/** Throws for values that Python cannot hash. */
export function hash(key: Value): Key {
  if (typeof key === 'string' || typeof key === 'number' || key === null) return key
  if (typeof key === 'boolean') return Number(key)
  if (key instanceof Whole) return key.value
  if (key instanceof Tuple)
    return `\0(${key.items.map((item) => `${typeof item}:${String(hash(item))}`).join('\0,')}`
  throw runtimeFailure(`unhashable type: '${typeName(key)}'`)
}

/** Result of a dict's `keys()`, `values()` and `items()`. */
export class DictView {
  readonly kind: 'dict_keys' | 'dict_values' | 'dict_items'
  readonly items: readonly Value[]

  constructor(kind: DictView['kind'], items: readonly Value[]) {
    this.kind = kind
    this.items = items
  }
}

/** Stores its items: the length of a range is limited. */
export class Range {
  readonly written: string
  readonly items: readonly Value[]

  constructor(written: string, items: readonly Value[]) {
    this.written = written
    this.items = items
  }
}

/** A generator, as returned by `map` and `select`: always true, can be iterated once. */
export class Lazy {
  readonly #items: Iterator<Value>

  constructor(items: Iterable<Value>) {
    this.#items = items[Symbol.iterator]()
  }

  next(): IteratorResult<Value> {
    return this.#items.next()
  }
}

/** Value of a missing variable or attribute: prints as '', iterates as an empty list, and throws on any other use. */
export class Undefined {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

export function undefinedName(name: string): Undefined {
  return new Undefined(`'${name}' is undefined`)
}

export class Namespace {
  readonly members: Map<string, Value>

  constructor(members: Map<string, Value>) {
    this.members = members
  }
}

export interface Arguments {
  readonly positional: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}

export class Callable {
  readonly name: string
  readonly call: (args: Arguments) => Value

  constructor(name: string, call: (args: Arguments) => Value) {
    this.name = name
    this.call = call
  }
}

/** The variable `loop`. */
export class LoopState {
  readonly items: readonly Value[]
  readonly depth: number
  /** Renders the loop over other items; only in a recursive loop. */
  readonly recurse: ((items: Value) => Value) | undefined
  index0 = 0
  changedFrom: readonly Value[] | undefined

  constructor(items: readonly Value[], depth: number, recurse?: (items: Value) => Value) {
    this.items = items
    this.depth = depth
    this.recurse = recurse
  }
}

/** Converts plain data. Undefined members and functions are dropped. */
export function toValue(data: unknown): Value | undefined {
  step()
  if (data === null || typeof data === 'boolean' || typeof data === 'number' || typeof data === 'string')
    return data
  if (typeof data !== 'object') return undefined
  if (Array.isArray(data)) return data.map((item) => toValue(item) ?? null)
  const entries: [string, Value][] = []
  for (const [key, member] of Object.entries(data)) {
    const value = toValue(member)
    if (value !== undefined) entries.push([key, value])
  }
  return new Dict(entries)
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Items of lists, tuples, ranges and dict views, which have a length and can be iterated repeatedly. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value
  if (value instanceof Tuple || value instanceof Range || value instanceof DictView) return value.items
  return undefined
}

/** Items of any iterable. Throws where Python's `iter` does. */
export function iterate(value: Value): readonly Value[] {
  const items = itemsOf(value)
  if (items !== undefined) return items
  if (typeof value === 'string') return [...value]
  if (value instanceof Dict) return Array.from(value.entries(), ([key]) => key)
  if (value instanceof Undefined) return []
  if (value instanceof Lazy) {
    const all: Value[] = []
    for (let next = value.next(); next.done !== true; next = value.next()) {
      spendItems(1)
      all.push(next.value)
    }
    return all
  }
  throw runtimeFailure(`'${typeName(value)}' object is not iterable`)
}

/** Python's `len`; undefined for types without a length. */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return codePoints(value)
  if (value instanceof Dict) return value.size
  if (value instanceof Undefined) return 0
  return itemsOf(value)?.length
}

const surrogate = /[\ud800-\udfff]/

/** Whether the text contains surrogates, so that code points differ from UTF-16 units. */
export function isAstral(text: string): boolean {
  return surrogate.test(text)
}

export function codePoints(text: string): number {
  if (!isAstral(text)) return text.length
  let length = 0
  for (const _ of text) length += 1
  return length
}

export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value
  if (value === null) return false
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  if (value instanceof Whole) return value.value !== 0
  if (value instanceof Undefined) return false
  if (value instanceof Dict) return value.size > 0
  const items = itemsOf(value)
  return items === undefined || items.length > 0
}

/** Includes booleans, which are numbers in Python; undefined for other types. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  return value instanceof Whole ? value.value : undefined
}

export function isFloat(value: Value): boolean {
  return value instanceof Whole || (typeof value === 'number' && !Number.isInteger(value))
}

/** Python's name of the type, for error messages. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'str'
  if (isFloat(value)) return 'float'
  if (typeof value === 'number') return 'int'
  if (isList(value)) return 'list'
  if (value instanceof Tuple) return 'tuple'
  if (value instanceof Dict) return 'dict'
  if (value instanceof DictView) return value.kind
  if (value instanceof Range) return 'range'
  if (value instanceof Lazy) return 'generator'
  if (value instanceof Undefined) return 'Undefined'
  if (value instanceof Namespace) return 'Namespace'
  return value instanceof LoopState ? 'LoopContext' : 'function'
}
