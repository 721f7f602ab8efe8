/** Reads the wire format of protocol buffers (protobuf.dev/programming-guides/encoding) field by field, within limits. */

import { onnxInvalid, onnxLimit } from './errors.ts'

export interface WireLimits {
  /** Default: 2 GiB less one, protobuf's own. */
  readonly bytes: number
  /** Messages within messages. Default: 100, protobuf's own. */
  readonly depth: number
  /** Messages and entries of lists, which take more room in memory than in a file. Default: 5 million. */
  readonly items: number
}

export const wireLimits: WireLimits = { bytes: 2 ** 31 - 1, depth: 100, items: 5_000_000 }

/** What the readers of one file have in common. */
interface WireSource {
  /** Its name in errors. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly limits: WireLimits
  items: number
}

const wireKinds = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

export class WireReader {
  readonly #source: WireSource
  readonly #end: number
  readonly #depth: number
  #at: number
  #start: number
  #wire = 0
  /** The number of the field that `next` found. */
  field = 0

  private constructor(source: WireSource, start: number, end: number, depth: number) {
    this.#source = source
    this.#at = start
    this.#start = start
    this.#end = end
    this.#depth = depth
  }

  /** Throws `onnx_limit`. */
  static over(bytes: Uint8Array, name: string, limits: WireLimits): WireReader {
    if (bytes.length > limits.bytes) throw onnxLimit(name, 'bytes', bytes.length, limits.bytes)
    const { buffer, byteOffset, byteLength } = bytes
    const view = new DataView(buffer, byteOffset, byteLength)
    // A Buffer's parts would be Buffers.
    const plain = new Uint8Array(buffer, byteOffset, byteLength)
    return new WireReader({ name, bytes: plain, view, limits, items: 0 }, 0, bytes.length, 1)
  }

  /** Where the message began, or the field that `next` found. */
  get offset(): number {
    return this.#start
  }

  /** Moves to the next field; false at the end. One of the methods below must read its value. */
  next(): boolean {
    if (this.#at === this.#end) return false
    this.#start = this.#at
    const tag = this.#varint()
    this.field = Number(tag >> 3n)
    this.#wire = Number(tag & 7n)
    if (this.field < 1 || this.field > 2 ** 29 - 1)
      throw this.invalid(`the field number ${this.field} is impossible`)
    return true
  }

  skip(): void {
    if (this.#wire === wireKinds.varint) this.#varint()
    else if (this.#wire === wireKinds.fixed64) this.#take(8)
    else if (this.#wire === wireKinds.fixed32) this.#take(4)
    else this.bytes()
  }

  uint64(): bigint {
    this.#expect(wireKinds.varint)
    return this.#varint()
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64())
  }

  int32(): number {
    return Number(BigInt.asIntN(32, this.uint64()))
  }

  /** A number that counts something. */
  count(what: string): number {
    const value = this.int64()
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.invalid(`${what} is ${value}`)
    return Number(value)
  }

  float(): number {
    this.#expect(wireKinds.fixed32)
    return this.#source.view.getFloat32(this.#take(4), true)
  }

  /** A view of the file's memory, not a copy. */
  bytes(): Uint8Array {
    this.#expect(wireKinds.bytes)
    const length = this.#varint()
    const left = this.#end - this.#at
    if (length > BigInt(left))
      throw this.invalid(`field ${this.field} has ${length} bytes, and ${left} are left`)
    const start = this.#take(Number(length))
    return this.#source.bytes.subarray(start, this.#at)
  }

  /** Throws `onnx_invalid` if not valid UTF-8. */
  text(): string {
    const bytes = this.bytes()
    try {
      return utf8.decode(bytes)
    } catch {
      throw this.invalid(`field ${this.field} is no UTF-8`)
    }
  }

  /** Throws `onnx_limit`. */
  message(): WireReader {
    const { name, limits } = this.#source
    if (this.#depth >= limits.depth)
      throw onnxLimit(name, 'messages within messages', this.#depth + 1, limits.depth)
    this.countItems(1)
    const { length } = this.bytes()
    return new WireReader(this.#source, this.#at - length, this.#at, this.#depth + 1)
  }

  /** Reads a list that may be packed: unsigned 64-bit numbers. */
  varints(read: (value: bigint) => void): void {
    if (this.#wire === wireKinds.varint) {
      read(this.#varint())
      return
    }
    const { length } = this.bytes()
    const end = this.#at
    this.#at = end - length
    while (this.#at < end) read(this.#varint())
    if (this.#at !== end) throw this.invalid(`field ${this.field} ends within a value`)
  }

  /** Reads a list of fixed-size numbers, `size` bytes each: all the bytes present, packed or not. */
  fixed(size: 4 | 8): Uint8Array {
    const kind = size === 4 ? wireKinds.fixed32 : wireKinds.fixed64
    if (this.#wire === kind) {
      const start = this.#take(size)
      return this.#source.bytes.subarray(start, start + size)
    }
    const bytes = this.bytes()
    if (bytes.length % size !== 0) throw this.invalid(`field ${this.field} ends within a value`)
    return bytes
  }

  /** Counts items that need more memory than file bytes. Throws `onnx_limit`. */
  countItems(count: number): void {
    const { name, limits } = this.#source
    this.#source.items += count
    if (this.#source.items > limits.items)
      throw onnxLimit(name, 'messages and entries of lists', this.#source.items, limits.items)
  }

  invalid(reason: string, offset: number = this.#start): Error {
    return onnxInvalid(this.#source.name, offset, reason)
  }

  #expect(kind: number): void {
    if (this.#wire !== kind)
      throw this.invalid(`field ${this.field} has the wire type ${this.#wire}, not ${kind}`)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#end)
      throw this.invalid(`field ${this.field} goes beyond the end of its message`)
    this.#at = start + length
    return start
  }

  /** Unsigned, of 64 bits. */
  #varint(): bigint {
    const { bytes } = this.#source
    let low = 0
    // Up to 49 bits a number does.
    for (let index = 0; index < 7; index += 1) {
      const byte = this.#byte(bytes)
      low += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return BigInt(low)
    }
    let value = BigInt(low)
    for (let index = 7; index < 10; index += 1) {
      const byte = this.#byte(bytes)
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw this.invalid('a number takes more than ten bytes')
  }

  #byte(bytes: Uint8Array): number {
    if (this.#at >= this.#end) throw this.invalid('a number goes beyond the end of its message')
    const byte = bytes[this.#at]!
    this.#at += 1
    return byte
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
