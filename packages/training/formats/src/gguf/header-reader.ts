/**
 * Reads a GGUF header sequentially in bounded portions. Every count is checked against the rest of the file before memory is
 * allocated.
 */

import { ggufInvalid } from '../errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { minBytes, type Scalar, type ScalarType, scalarCodecs } from './scalar-types.ts'
import { type GgufArray, type GgufItems, type GgufValue, type GgufValueType, valueTypes } from './value.ts'

/** Read at a time. */
const portion = 1 << 18
/** The largest vocabularies take some 20 MB. */
const maxHeaderLength = 1 << 27
const maxNesting = 8

export class HeaderReader {
  readonly #file: RandomAccessFile
  readonly #end: number
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true })
  #window = new DataView(new ArrayBuffer(0))
  #windowStart = 0
  #position = 0

  constructor(file: RandomAccessFile) {
    this.#file = file
    this.#end = Math.min(file.size, maxHeaderLength)
  }

  get position(): number {
    return this.#position
  }

  fail(reason: string, offset: number = this.#position): Error {
    return ggufInvalid(this.#file.path, offset, reason)
  }

  uint32(): number {
    return this.#scalar('uint32') as number
  }

  /** A 64-bit size or offset. */
  size(what: string): number {
    const value = this.#scalar('uint64') as bigint
    if (value > Number.MAX_SAFE_INTEGER) throw this.fail(`${what} is ${value}`, this.#position - 8)
    return Number(value)
  }

  /** Reads an item count, checked against the bytes left at `bytesEach` or more each. */
  count(what: string, bytesEach: number): number {
    const count = this.size(what)
    const left = this.#end - this.#position
    if (count > left / bytesEach) {
      throw this.fail(`${what} is ${count}, but only ${left} bytes are left`, this.#position - 8)
    }
    return count
  }

  /** Invalid UTF-8, as some vocabularies hold, becomes U+FFFD. */
  string(what: string): string {
    const length = this.count(`the length of ${what}`, 1)
    const at = this.#take(length)
    return this.#text.decode(new Uint8Array(this.#window.buffer, at, length))
  }

  value(key: string): GgufValue {
    const type = this.#valueType(key)
    if (type === 'array') return this.#array(key, 1)
    return { type, value: this.#item(type, key) } as GgufValue
  }

  #array(key: string, depth: number): GgufArray {
    if (depth > maxNesting) throw this.fail(`${key} nests arrays deeper than ${maxNesting}`)
    const of = this.#valueType(key)
    const count = this.count(`the length of ${key}`, minBytes(of))
    const value: unknown[] = []
    for (let at = 0; at < count; at++) {
      value.push(of === 'array' ? this.#array(key, depth + 1) : this.#item(of, key))
    }
    return { type: 'array', of, value: value as GgufItems }
  }

  #valueType(key: string): GgufValueType {
    const id = this.uint32()
    const type = valueTypes[id]
    if (type === undefined) throw this.fail(`${key} has the unknown value type ${id}`, this.#position - 4)
    return type
  }

  #item(type: Exclude<GgufValueType, 'array'>, key: string): Scalar | string {
    return type === 'string' ? this.string(key) : this.#scalar(type)
  }

  #scalar(type: ScalarType): Scalar {
    const { bytes, get } = scalarCodecs[type]
    const at = this.#take(bytes)
    return get(this.#window, at)
  }

  /** Advances by `length` bytes and returns their offset in the window. */
  #take(length: number): number {
    const start = this.#position
    const left = this.#end - start
    if (length > left) throw this.fail(`${length} bytes are needed, but only ${left} are left`)
    if (start + length > this.#windowStart + this.#window.byteLength) {
      this.#window = new DataView(this.#file.read(start, Math.min(left, Math.max(length, portion))).buffer)
      this.#windowStart = start
    }
    this.#position += length
    return start - this.#windowStart
  }
}
