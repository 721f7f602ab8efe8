/** Reads GGUF versions 2 and 3: metadata and tensor table immediately, tensors on demand. As strict as llama.cpp about tensor offsets. */

import { byteCount, show } from '../element-types.ts'
import { tensorNotFound } from '../errors.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { decodeFloats } from '../tensor-source.ts'
import { HeaderReader } from './header-reader.ts'
import { type GgufTensorType, tensorTypeOf } from './tensor-types.ts'
import type { GgufItems, GgufValue } from './value.ts'

export interface GgufTensor {
  readonly name: string
  readonly type: GgufTensorType
  /** Row-major, as in PyTorch: the reverse of the order in the file. */
  readonly shape: readonly number[]
  /** From the start of the file. */
  readonly offset: number
  readonly byteLength: number
}

/** Holds the file open: `close` it, or declare it with `using`. */
export interface Gguf extends Disposable {
  readonly path: string
  readonly version: number
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: ReadonlyMap<string, GgufTensor>
  readonly fileBytes: number
  /** The plain value of a metadata key. */
  get(key: string): number | bigint | boolean | string | GgufItems | undefined
  /** The tensor's bytes, alone in a buffer, so any typed array can be laid over them. */
  read(name: string): Uint8Array<ArrayBuffer>
  /** The tensor's values; throws `tensor_type_unsupported` unless its type is a `FloatType`. */
  readFloats(name: string): Float32Array
  close(): void
}

/**
 * Throws `gguf_invalid` or `tensor_file_unreadable`.
 *
 * @example
 * ```ts
 * import { openGguf } from '@hadal/formats'
 *
 * using file = openGguf('model.gguf')
 * console.log(file.get('general.architecture'), file.tensors.size)
 * const norm = file.readFloats('output_norm.weight') // dequantised
 * ```
 */
export function openGguf(path: string): Gguf {
  const file = new RandomAccessFile(path)
  try {
    return reader(file)
  } catch (error) {
    file.close()
    throw error
  }
}

function reader(file: RandomAccessFile): Gguf {
  const header = new HeaderReader(file)
  const version = readVersion(header)
  const tensorCount = header.count('the number of tensors', minTensorEntry)
  const metadata = readMetadata(header)
  const alignment = alignmentOf(header, metadata)
  const tensors = readTensorTable(header, tensorCount, alignment, file.size)
  const find = (name: string): GgufTensor => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw tensorNotFound(file.path, name, [...tensors.keys()])
    return tensor
  }
  const read = (name: string): Uint8Array<ArrayBuffer> => file.read(find(name).offset, find(name).byteLength)
  const close = (): void => file.close()
  return {
    path: file.path,
    version,
    alignment,
    metadata,
    tensors,
    fileBytes: file.size,
    get: (key) => metadata.get(key)?.value,
    read,
    readFloats: (name) => decodeFloats(name, find(name).type, read(name)),
    close,
    [Symbol.dispose]: close,
  }
}

/** "GGUF", read as a little-endian number. */
export const magic = 0x46554747

function readVersion(header: HeaderReader): number {
  if (header.uint32() !== magic) throw header.fail('it does not start with GGUF', 0)
  const version = header.uint32()
  if (version === 2 || version === 3) return version
  const bigEndian = (version & 0xffff) === 0
  throw header.fail(
    bigEndian ? 'it is written big-endian' : `it has version ${version}; 2 and 3 are known`,
    4,
  )
}

/** Name length, type and one byte of value. */
const minMetadataEntry = 8 + 4 + 1

function readMetadata(header: HeaderReader): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>()
  const count = header.count('the number of metadata entries', minMetadataEntry)
  for (let at = 0; at < count; at++) {
    const start = header.position
    const key = header.string('a metadata key')
    if (metadata.has(key)) throw header.fail(`the key ${key} stands there twice`, start)
    metadata.set(key, header.value(key))
  }
  return metadata
}

export const defaultAlignment = 32
export const alignmentKey = 'general.alignment'

function alignmentOf(header: HeaderReader, metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get(alignmentKey)
  if (entry === undefined) return defaultAlignment
  if (entry.type === 'uint32' && isAlignment(entry.value)) return entry.value
  throw header.fail(`${alignmentKey} is ${entry.type} ${entry.value}, not a uint32 power of two`)
}

export const isAlignment = (value: number): boolean => value > 0 && (value & (value - 1)) === 0

/** Name length, number of dimensions, type and offset. */
const minTensorEntry = 8 + 4 + 4 + 8
const maxDimensions = 4

function readTensorTable(
  header: HeaderReader,
  count: number,
  alignment: number,
  fileSize: number,
): Map<string, GgufTensor> {
  const relative: GgufTensor[] = []
  // llama.cpp wants each tensor right after the one before it, padded to the alignment.
  let expected = 0
  for (let at = 0; at < count; at++) {
    const start = header.position
    const name = header.string('a tensor name')
    const fail = (reason: string): Error => header.fail(`tensor ${JSON.stringify(name)} ${reason}`, start)
    const dimensions = header.uint32()
    if (dimensions > maxDimensions)
      throw fail(`has ${dimensions} dimensions; at most ${maxDimensions} are known`)
    const shape = Array.from({ length: dimensions }, () => header.size('a dimension')).reverse()
    const typeId = header.uint32()
    const type = tensorTypeOf(typeId)
    if (type === undefined) throw fail(`has the unknown type ${typeId}`)
    const byteLength = byteCount(type, shape)
    if (byteLength === undefined) throw fail(`has the impossible shape ${show(shape)} for ${type}`)
    const offset = header.size('a tensor offset')
    if (offset !== expected) throw fail(`stands at offset ${offset}; it should stand at ${expected}`)
    relative.push({ name, type, shape, offset, byteLength })
    expected = alignUp(offset + byteLength, alignment)
  }
  const dataStart = alignUp(header.position, alignment)
  const tensors = new Map<string, GgufTensor>()
  for (const tensor of relative) {
    const offset = dataStart + tensor.offset
    const end = offset + tensor.byteLength
    if (end > fileSize) {
      throw header.fail(
        `tensor ${JSON.stringify(tensor.name)} ends at byte ${end}; the file at ${fileSize}`,
        offset,
      )
    }
    if (tensors.has(tensor.name))
      throw header.fail(`tensor ${JSON.stringify(tensor.name)} stands there twice`, offset)
    tensors.set(tensor.name, { ...tensor, offset })
  }
  return tensors
}

export const alignUp = (position: number, alignment: number): number =>
  Math.ceil(position / alignment) * alignment
