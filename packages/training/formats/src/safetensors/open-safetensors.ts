/**
 * Reads safetensors: one file, or the shards of a `model.safetensors.index.json`. Headers are read and validated immediately,
 * tensors on demand.
 */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '@hadal/base'
import type { PlainType } from '../element-types.ts'
import { safetensorsInvalid, tensorFileUnreadable, tensorNotFound } from '../errors.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { decodeFloats } from '../tensor-source.ts'
import { parseHeader } from './header.ts'

export interface SafetensorsTensor {
  readonly name: string
  readonly type: PlainType
  /** Row-major, as in PyTorch. */
  readonly shape: readonly number[]
  /** The shard that holds it. */
  readonly path: string
  /** From the start of the file. */
  readonly offset: number
  readonly byteLength: number
}

/** Holds files open: `close` it, or declare it with `using`. */
export interface Safetensors extends Disposable {
  readonly path: string
  /** Metadata of one file, or of all shards together. */
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>
  /** The tensor's bytes, alone in a buffer, so any typed array can be laid over them. */
  read(name: string): Uint8Array<ArrayBuffer>
  /** The tensor's values, for F32, F16 and BF16. */
  readFloats(name: string): Float32Array
  close(): void
}

/**
 * Opens a `.safetensors` file, a `.safetensors.index.json`, or a folder that holds `model.safetensors` or its index.
 * Throws `safetensors_invalid` or `tensor_file_unreadable`.
 *
 * @example
 * ```ts
 * import { openSafetensors } from '@hadal/formats'
 *
 * using file = openSafetensors('model.safetensors') // or the index of several
 * for (const { name, type, shape } of file.tensors.values()) console.log(name, type, shape)
 * const weight = file.readFloats('model.norm.weight')
 * ```
 */
export function openSafetensors(path: string): Safetensors {
  const target = isFolder(path) ? inFolder(path) : path
  const files: RandomAccessFile[] = []
  const close = (): void => {
    for (const file of files) file.close()
  }
  try {
    const metadata = new Map<string, string>()
    const tensors = new Map<string, SafetensorsTensor & { file: RandomAccessFile }>()
    const openShard = (shard: string, wanted?: ReadonlySet<string>): void => {
      const file = new RandomAccessFile(shard)
      files.push(file)
      const { header, dataStart } = readHeader(file)
      for (const [key, value] of header.metadata) metadata.set(key, value)
      for (const { name, begin, ...entry } of header.entries) {
        if (wanted === undefined || wanted.has(name)) {
          tensors.set(name, { name, ...entry, path: shard, offset: dataStart + begin, file })
        }
      }
    }
    if (target.endsWith('.json')) {
      for (const [shard, names] of readIndex(target)) {
        openShard(shard, names)
        const missing = [...names].find((name) => !tensors.has(name))
        if (missing !== undefined)
          throw safetensorsInvalid(target, 'weight_map', `${shard} holds no ${missing}`)
      }
    } else {
      openShard(target)
    }
    return reader(target, metadata, tensors, close)
  } catch (error) {
    close()
    throw error
  }
}

function reader(
  path: string,
  metadata: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, SafetensorsTensor & { file: RandomAccessFile }>,
  close: () => void,
): Safetensors {
  const find = (name: string): SafetensorsTensor & { file: RandomAccessFile } => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw tensorNotFound(path, name, [...tensors.keys()])
    return tensor
  }
  const read = (name: string): Uint8Array<ArrayBuffer> => {
    const { file, offset, byteLength } = find(name)
    return file.read(offset, byteLength)
  }
  return {
    path,
    metadata,
    tensors,
    read,
    readFloats: (name) => decodeFloats(name, find(name).type, read(name)),
    close,
    [Symbol.dispose]: close,
  }
}

const maxHeaderLength = 100_000_000

function readHeader(file: RandomAccessFile): { header: ReturnType<typeof parseHeader>; dataStart: number } {
  if (file.size < 8) throw safetensorsInvalid(file.path, 'byte 0', `the file has only ${file.size} bytes`)
  const length = new DataView(file.read(0, 8).buffer).getBigUint64(0, true)
  if (length > maxHeaderLength || Number(length) > file.size - 8) {
    throw safetensorsInvalid(
      file.path,
      'byte 0',
      `a header of ${length} bytes does not fit the file of ${file.size}`,
    )
  }
  const dataStart = 8 + Number(length)
  return { header: parseHeader(file.path, file.read(8, Number(length)), file.size - dataStart), dataStart }
}

/** Tensor names by the path of their shard. */
function readIndex(path: string): Map<string, Set<string>> {
  const fail = (reason: string): Error => safetensorsInvalid(path, 'weight_map', reason)
  const map: unknown = readJson(path)?.weight_map
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw fail('it is missing')
  const shards = new Map<string, Set<string>>()
  for (const [name, shard] of Object.entries(map)) {
    // Shards stand alongside their index; an index from elsewhere must not reach other folders.
    if (typeof shard !== 'string' || shard === '' || basename(shard) !== shard || shard.includes('\\')) {
      throw fail(`${name} is said to stand in ${JSON.stringify(shard)}, which is not a file name`)
    }
    const shardPath = join(dirname(path), shard)
    shards.set(shardPath, (shards.get(shardPath) ?? new Set()).add(name))
  }
  return shards
}

function readJson(path: string): Record<string, unknown> | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw tensorFileUnreadable(path, messageOf(cause)).with({ cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw safetensorsInvalid(path, 'index', `it is not JSON (${messageOf(cause)})`).with({ cause })
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function inFolder(folder: string): string {
  const names = ['model.safetensors', 'model.safetensors.index.json', 'adapter_model.safetensors']
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
  if (found === undefined) throw tensorFileUnreadable(folder, `the folder holds none of ${names.join(', ')}`)
  return found
}
