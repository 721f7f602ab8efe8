/**
 * File format of this layer: a JSON description and byte arrays with version and checksum, so that truncated or corrupted files are
 * rejected.
 *
 * Layout: `HADALSIM`, version u32, description length u32, description, arrays (each deflated), SHA-256 of everything before.
 * Little-endian.
 */

import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { messageOf } from '@hadal/base'
import { similarityFileInvalid } from './errors.ts'

const magic = 'HADALSIM'
const version = 1
const headBytes = 16
const sumBytes = 32
/** Maximum array size. */
const maxBytes = 2 ** 28

export interface Packed {
  /** `encoder`, `attacks`. */
  readonly kind: string
  readonly about: unknown
  /** Arrays of a loaded file are inflated lazily. */
  readonly arrays: Readonly<Record<string, Uint8Array>>
}

export function pack({ kind, about, arrays }: Packed): Uint8Array {
  const names = Object.keys(arrays)
  const deflated = names.map((name) => deflateRawSync(arrays[name]!))
  const lengths = deflated.map(({ length }) => length)
  const sizes = names.map((name) => arrays[name]!.length)
  const description = Buffer.from(JSON.stringify({ kind, about, arrays: names, lengths, sizes }))
  const head = Buffer.alloc(headBytes)
  head.write(magic, 'latin1')
  head.writeUInt32LE(version, 8)
  head.writeUInt32LE(description.length, 12)
  const all = Buffer.concat([head, description, ...deflated])
  return Buffer.concat([all, createHash('sha256').update(all).digest()])
}

/** Throws `guard_similarity_file_invalid`; `path` is for its message. */
export function unpack(bytes: Uint8Array, kind: string, path: string): Packed {
  const issue = (why: string): never => {
    throw similarityFileInvalid(path, why)
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = all.length - sumBytes
  if (end < headBytes || all.toString('latin1', 0, 8) !== magic)
    return issue('it is not a file of the similarity layer')
  if (all.readUInt32LE(8) !== version) return issue(`its version is ${all.readUInt32LE(8)}, not ${version}`)
  if (!createHash('sha256').update(all.subarray(0, end)).digest().equals(all.subarray(end)))
    return issue('its checksum does not match: it is cut short or was altered')
  return reading(path, () => {
    let start = headBytes + all.readUInt32LE(12)
    const described = JSON.parse(all.toString('utf8', headBytes, start))
    if (described.kind !== kind) throw new Error(`it holds ${described.kind}, not ${kind}`)
    const arrays: Record<string, Uint8Array> = {}
    described.arrays.forEach((name: string, at: number) => {
      const [from, length, size] = [start, described.lengths[at], described.sizes[at]]
      if (!(length >= 0 && from + length <= end && size <= maxBytes))
        throw new Error(`array '${name}' is larger than the file`)
      start += length
      let array: Uint8Array | undefined
      const inflate = (): Uint8Array => inflated(all.subarray(from, from + length), size, name)
      Object.defineProperty(arrays, name, { enumerable: true, get: () => (array ??= inflate()) })
    })
    return { kind, about: described.about, arrays }
  })
}

/** A separate copy, to satisfy alignment of wider types. */
function inflated(bytes: Uint8Array, size: number, name: string): Uint8Array {
  const array = new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) }))
  if (array.length !== size) throw new Error(`array '${name}' is shorter than it says`)
  return array
}

/** Attributes errors during parsing to the file. */
export function reading<T>(path: string, understand: () => T): T {
  try {
    return understand()
  } catch (cause) {
    throw similarityFileInvalid(path, messageOf(cause)).with({ cause })
  }
}

/** Throws `guard_similarity_file_invalid`, also for a missing file. */
export function readPacked(path: string, kind: string): Packed {
  return unpack(
    reading(path, () => readFileSync(path)),
    kind,
    path,
  )
}

/** Atomic. */
export function writePacked(path: string, packed: Packed): void {
  const beside = `${path}.${process.pid}.tmp`
  writeFileSync(beside, pack(packed))
  renameSync(beside, path)
}

type Numbers = Int8Array | Int32Array | Float32Array

/** Throws if the array is missing or its length is not a multiple of the element size. */
export function numbersOf<T extends Numbers>(
  Kind: {
    new (buffer: ArrayBufferLike, from: number, length: number): T
    readonly BYTES_PER_ELEMENT: number
  },
  bytes: Uint8Array | undefined,
): T {
  if (bytes === undefined) throw new Error('an array is missing')
  return new Kind(bytes.buffer, bytes.byteOffset, bytes.byteLength / Kind.BYTES_PER_ELEMENT)
}

export function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
