/**
 * The wire format of operator arguments and results: numbers in one shared buffer (see native/wire.h). Encodes and decodes values,
 * independent of operators.
 */

import type { Handle } from './handle.ts'
import { native } from './native.ts'

/** The numbers are shared with native/wire.h. */
export const Tag = {
  Missing: 0,
  Null: 1,
  Tensor: 2,
  Number: 3,
  Boolean: 4,
  BigInt: 5,
  String: 6,
  Complex: 7,
  Tensors: 8,
  Numbers: 9,
  Booleans: 10,
  Strings: 11,
} as const

let numbers = new Float64Array(0)
let bits = new BigInt64Array(0)
let next = 0
/** What cannot be a number: passed alongside the wire, in order. */
let strings: string[] = []

function use(buffer: ArrayBuffer): void {
  numbers = new Float64Array(buffer)
  bits = new BigInt64Array(buffer)
}

/** Kept free after every list: more than all other arguments of any operator take. */
const slack = 256

/** Ensures room for `slots` more numbers and the slack; keeps what was written. */
function reserve(slots: number): void {
  const wanted = next + slots + slack
  if (wanted <= numbers.length) return
  const written = numbers.subarray(0, next)
  const larger = native().wire(Math.max(1024, 2 * wanted))
  new Float64Array(larger).set(written)
  use(larger)
}

/** The addon's error for a wrong argument, thrown before the call. */
function issue(message: string): Error {
  return Object.assign(new Error(message), { code: 'argument' })
}

/** Starts a call of an operator with `count` arguments. */
export function begin(operator: number, count: number): void {
  next = 0
  if (strings.length > 0) strings = []
  reserve(0)
  numbers[next++] = operator
  numbers[next++] = count
}

export function writeNumber(tag: number, value: number): void {
  numbers[next++] = tag
  numbers[next++] = value
}

export function writeTag(tag: number): void {
  numbers[next++] = tag
}

export function writeBigInt(value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) throw issue('expected an integer of at most 64 bits')
  numbers[next++] = Tag.BigInt
  bits[next++] = value
}

export function writeComplex({ re, im }: { readonly re: number; readonly im: number }): void {
  numbers[next++] = Tag.Complex
  numbers[next++] = re
  numbers[next++] = im
}

export function writeString(text: string): void {
  numbers[next++] = Tag.String
  strings.push(text)
}

export function writeStrings(texts: readonly string[]): void {
  writeNumber(Tag.Strings, texts.length)
  strings.push(...texts)
}

/** Numbers, booleans (as 0 and 1) or bigints; anything else becomes NaN, which no operator accepts as an integer. */
export function writeList(tag: number, items: readonly unknown[]): void {
  const { length } = items
  reserve(length + 2)
  numbers[next++] = tag
  numbers[next++] = length
  for (let i = 0; i < length; i++) numbers[next++] = Number(items[i])
}

/** A freed tensor has handle 0, which in a list would pass for none. */
const freed = -1

export function writeTensors(tensors: readonly (Handle | null | undefined)[]): void {
  const { length } = tensors
  reserve(length + 2)
  numbers[next++] = Tag.Tensors
  numbers[next++] = length
  for (let i = 0; i < length; i++) {
    const tensor = tensors[i]
    numbers[next++] = tensor === null || tensor === undefined ? 0 : tensor.handle || freed
  }
}

/** Makes the call that was written; its results are then read in order. */
export function send(): void {
  const larger = strings.length === 0 ? native().call() : native().call(...strings)
  if (larger !== undefined) use(larger)
  next = 0
}

/**
 * Fast path of the most common call: one or two tensors (`second` is 0 for none) to one new tensor. Returns its handle, or 0 if
 * undefined. Only after a regular call, because it needs an existing wire.
 */
export function sendTensors(operator: number, first: number, second: number): number {
  numbers[0] = operator
  numbers[1] = second === 0 ? 1 : 2
  numbers[2] = Tag.Tensor
  numbers[3] = first
  numbers[4] = Tag.Tensor
  numbers[5] = second
  if (strings.length > 0) strings = []
  native().call()
  return numbers[0] === Tag.Tensor ? numbers[1]! : 0
}

/** The next result. Tensors are made of their handles by `wrap`; an undefined tensor is null. */
export function readResult<T>(wrap: (handle: number) => T): unknown {
  const tag = numbers[next++]
  if (tag === Tag.Null) return null
  const value = numbers[next++]!
  switch (tag) {
    case Tag.Tensor:
      return wrap(value)
    case Tag.Number:
      return value
    case Tag.Boolean:
      return value === 1
    case Tag.Complex:
      return { re: value, im: numbers[next++]! }
    default: {
      const items = Array.from(numbers.subarray(next, next + value))
      next += value
      if (tag === Tag.Numbers) return items
      if (tag === Tag.Booleans) return items.map((item) => item === 1)
      return items.map((handle) => (handle === 0 ? null : wrap(handle)))
    }
  }
}

export function shapeOf(handle: number): number[] {
  next = 0
  reserve(0)
  const count = native().shape(handle)
  const sizes: number[] = []
  for (let i = 0; i < count; i++) sizes.push(numbers[i]!)
  return sizes
}

/** Handles for calls that take an Int32Array; 0 for none. */
export function handlesOf(tensors: readonly (Handle | null | undefined)[]): Int32Array {
  const handles = new Int32Array(tensors.length)
  for (let i = 0; i < tensors.length; i++) {
    const tensor = tensors[i]
    if (tensor !== null && tensor !== undefined) handles[i] = tensor.handle || freed
  }
  return handles
}
