/**
 * The files of this layer: a description in JSON and arrays of bytes, with a version and a checksum, so that a file that was
 * cut short or altered is named and never half read.
 *
 * Layout: `HADALSIM`, version u32, description length u32, description, arrays one after another (each deflated), SHA-256 of
 * all before. Little endian.
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
/** An array of more is none of ours. */
const maxBytes = 2 ** 28

export interface Packed {
  /** `encoder`, `attacks`. */
  readonly kind: string
  readonly about: unknown
  /** Of a file that was read they are inflated when they are asked for first. */
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
  const fault = (why: string): never => {
    throw similarityFileInvalid(path, why)
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = all.length - sumBytes
  if (end < headBytes || all.toString('latin1', 0, 8) !== magic) return fault('it is no file of this layer')
  if (all.readUInt32LE(8) !== version) return fault(`its version is ${all.readUInt32LE(8)}, not ${version}`)
  if (!createHash('sha256').update(all.subarray(0, end)).digest().equals(all.subarray(end)))
    return fault('its checksum does not match: it is cut short or was altered')
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

/** A copy of its own begins where arrays of wider numbers may. */
function inflated(bytes: Uint8Array, size: number, name: string): Uint8Array {
  const array = new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) }))
  if (array.length !== size) throw new Error(`array '${name}' is shorter than it says`)
  return array
}

/** What goes wrong while a file is understood is the file's fault. */
export function reading<T>(path: string, understand: () => T): T {
  try {
    return understand()
  } catch (cause) {
    throw similarityFileInvalid(path, messageOf(cause)).with({ cause })
  }
}

/** Throws `guard_similarity_file_invalid` where there is no such file, too. */
export function readPacked(path: string, kind: string): Packed {
  return unpack(
    reading(path, () => readFileSync(path)),
    kind,
    path,
  )
}

/** Whole or not at all. */
export function writePacked(path: string, packed: Packed): void {
  const beside = `${path}.${process.pid}.tmp`
  writeFileSync(beside, pack(packed))
  renameSync(beside, path)
}

type Numbers = Int8Array | Int32Array | Float32Array

/** Throws where the array is missing, or is no whole number of numbers. */
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
