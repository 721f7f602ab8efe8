/** Writes a GGUF version 3 file, atomically, one tensor in memory at a time. */

import { byteCount } from '../element-types.ts'
import { ggufValueInvalid, tensorSourceInvalid } from '../errors.ts'
import { badShape, encodeTensor, type TensorSource } from '../tensor-source.ts'
import { writeAtomically } from '../write-atomically.ts'
import { alignmentKey, alignUp, defaultAlignment, isAlignment, magic } from './open-gguf.ts'
import { scalarCodecs } from './scalar-types.ts'
import { type GgufTensorType, tensorTypeIds } from './tensor-types.ts'
import { type GgufArray, type GgufMetadata, type GgufValue, valueTypes } from './value.ts'

export interface GgufContents {
  /** Written in the order of the keys. */
  readonly metadata: GgufMetadata
  /** Written in this order. */
  readonly tensors: readonly TensorSource<GgufTensorType>[]
}

/**
 * Throws `gguf_value_invalid`, `tensor_source_invalid`, `tensor_type_unsupported` or `tensor_file_unwritable`, which leaves the
 * existing file at `path` unchanged. Tensors are aligned to `general.alignment` if the metadata sets it, else to 32.
 *
 * @example
 * ```ts
 * import { gguf, writeGguf } from '@hadal/formats'
 *
 * writeGguf('tiny.gguf', {
 *   metadata: { 'general.architecture': gguf.string('llama') },
 *   tensors: [{ name: 'output.weight', shape: [2, 32], type: 'Q8_0', data: new Float32Array(64) }],
 * })
 * ```
 */
export function writeGguf(path: string, { metadata, tensors }: GgufContents): void {
  const alignment = alignmentOf(metadata)
  const header = new HeaderWriter()
  header.scalar('uint32', magic)
  header.scalar('uint32', 3)
  header.scalar('uint64', BigInt(tensors.length))
  header.scalar('uint64', BigInt(Object.keys(metadata).length))
  for (const [key, value] of Object.entries(metadata)) {
    header.string(key)
    header.value(key, value)
  }
  let offset = 0
  const names = new Set<string>()
  for (const tensor of tensors) {
    checkName(tensor.name, names)
    const byteLength = byteCount(tensor.type, tensor.shape)
    if (byteLength === undefined) throw badShape(tensor)
    if (tensor.shape.length > 4) throw tensorSourceInvalid(tensor.name, 'has more than 4 dimensions')
    header.tensor(tensor, offset)
    offset = alignUp(offset + byteLength, alignment)
  }
  writeAtomically(path, (sink) => {
    for (const chunk of header.chunks()) sink.write(chunk)
    sink.pad(alignment)
    for (const tensor of tensors) {
      sink.write(encodeTensor(tensor))
      sink.pad(alignment)
    }
  })
}

function alignmentOf(metadata: GgufMetadata): number {
  const entry = metadata[alignmentKey]
  if (entry === undefined) return defaultAlignment
  if (entry.type === 'uint32' && isAlignment(entry.value)) return entry.value
  throw ggufValueInvalid(alignmentKey, 'must be a uint32 power of two')
}

/** ggml keeps names in 64 bytes, the last of them zero. */
const maxNameBytes = 63

function checkName(name: string, names: Set<string>): void {
  if (Buffer.byteLength(name) > maxNameBytes)
    throw tensorSourceInvalid(name, `has a name of over ${maxNameBytes} bytes`)
  if (names.has(name)) throw tensorSourceInvalid(name, 'has a name that is taken')
  names.add(name)
}

/** Collects the header in chunks, so that a large vocabulary is not copied again and again. */
class HeaderWriter {
  readonly #full: Uint8Array[] = []
  #chunk = Buffer.alloc(chunkBytes)
  #view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset, chunkBytes)
  #used = 0

  chunks(): readonly Uint8Array[] {
    return [...this.#full, this.#chunk.subarray(0, this.#used)]
  }

  scalar(type: keyof typeof scalarCodecs, value: number | bigint | boolean): void {
    const { bytes, set } = scalarCodecs[type]
    if (this.#used + bytes > chunkBytes) this.#flush()
    set(this.#view, this.#used, value)
    this.#used += bytes
  }

  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8')
    this.scalar('uint64', BigInt(bytes.length))
    if (this.#used + bytes.length > chunkBytes) this.#flush()
    if (bytes.length > chunkBytes) {
      this.#full.push(bytes)
      return
    }
    this.#chunk.set(bytes, this.#used)
    this.#used += bytes.length
  }

  value(key: string, value: GgufValue): void {
    this.scalar('uint32', typeId(key, value.type))
    if (value.type === 'array') this.#array(key, value)
    else this.#item(key, value.type, value.value)
  }

  tensor({ name, shape, type }: TensorSource<GgufTensorType>, offset: number): void {
    this.string(name)
    this.scalar('uint32', shape.length)
    for (const size of [...shape].reverse()) this.scalar('uint64', BigInt(size))
    this.scalar('uint32', tensorTypeIds[type])
    this.scalar('uint64', BigInt(offset))
  }

  #array(key: string, { of, value }: GgufArray): void {
    this.scalar('uint32', typeId(key, of))
    this.scalar('uint64', BigInt(value.length))
    for (const item of value) this.#item(key, of, item)
  }

  #item(key: string, type: GgufValue['type'], item: unknown): void {
    if (type === 'array') {
      this.#array(key, item as GgufArray)
    } else if (type === 'string') {
      if (typeof item !== 'string') throw misfit(key, type, item)
      this.string(item)
    } else {
      if (!scalarCodecs[type].fits(item)) throw misfit(key, type, item)
      this.scalar(type, item as number)
    }
  }

  #flush(): void {
    this.#full.push(this.#chunk.subarray(0, this.#used))
    this.#chunk = Buffer.alloc(chunkBytes)
    this.#view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset, chunkBytes)
    this.#used = 0
  }
}

const chunkBytes = 1 << 16

function typeId(key: string, type: GgufValue['type']): number {
  const id = valueTypes.indexOf(type)
  if (id === -1) throw ggufValueInvalid(key, `has the unknown type ${type}`)
  return id
}

const misfit = (key: string, type: string, item: unknown): Error =>
  ggufValueInvalid(
    key,
    `holds ${typeof item === 'string' ? JSON.stringify(item) : item}, which is no ${type}`,
  )
