/**
 * The files of this layer: a description in JSON and arrays of bytes, with a version and a checksum, so that a file that was
 * cut short or altered is named and never half read.
 *
 * Layout: `HADALSIM`, version u32, description length u32, description, arrays one after another (each from a multiple
 * of 8), SHA-256 of all before. Little endian.
 */

import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { similarityFileInvalid } from './errors.ts'

const magic = 'HADALSIM'
const version = 1
const headBytes = 16
const sumBytes = 32

export interface Packed {
  /** `encoder`, `attacks`. */
  readonly kind: string
  readonly about: unknown
  readonly arrays: Readonly<Record<string, Uint8Array>>
}

export function pack({ kind, about, arrays }: Packed): Uint8Array {
  const names = Object.keys(arrays)
  const lengths = names.map((name) => arrays[name]!.byteLength)
  const description = Buffer.from(JSON.stringify({ kind, about, arrays: names, lengths }))
  const starts: number[] = []
  let end = upToEight(headBytes + description.length)
  for (const length of lengths) {
    starts.push(end)
    end = upToEight(end + length)
  }
  const bytes = Buffer.alloc(end + sumBytes)
  bytes.write(magic, 'latin1')
  bytes.writeUInt32LE(version, 8)
  bytes.writeUInt32LE(description.length, 12)
  description.copy(bytes, headBytes)
  names.forEach((name, at) => {
    bytes.set(arrays[name]!, starts[at]!)
  })
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end)
  return bytes
}

/** Throws `guard_similarity_file_invalid`; `path` is for its message. */
export function unpack(bytes: Uint8Array, kind: string, path: string): Packed {
  const fault = (why: string): never => {
    throw similarityFileInvalid(path, why)
  }
  // A copy begins at a multiple of eight, as arrays of wider numbers must.
  const all = Buffer.from(new Uint8Array(bytes).buffer)
  const end = all.length - sumBytes
  if (end < headBytes || all.toString('latin1', 0, 8) !== magic) return fault('it is no file of this layer')
  if (all.readUInt32LE(8) !== version) return fault(`its version is ${all.readUInt32LE(8)}, not ${version}`)
  if (!createHash('sha256').update(all.subarray(0, end)).digest().equals(all.subarray(end)))
    return fault('its checksum does not match: it is cut short or was altered')
  return reading(path, () => {
    const from = headBytes + all.readUInt32LE(12)
    const described = JSON.parse(all.toString('utf8', headBytes, from))
    if (described.kind !== kind) throw new Error(`it holds ${described.kind}, not ${kind}`)
    const arrays: Record<string, Uint8Array> = {}
    let start = upToEight(from)
    described.arrays.forEach((name: string, at: number) => {
      const length: number = described.lengths[at]
      if (!(length >= 0) || start + length > end) throw new Error(`array '${name}' ends beyond the file`)
      arrays[name] = new Uint8Array(all.buffer, start, length)
      start = upToEight(start + length)
    })
    return { kind, about: described.about, arrays }
  })
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

function upToEight(at: number): number {
  return Math.ceil(at / 8) * 8
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
