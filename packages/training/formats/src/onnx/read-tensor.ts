/**
 * Reads a tensor of an ONNX model. Values stored as bytes or in one of five numeric fields become bytes. Assumes a little-endian
 * machine, like the whole package.
 */

import { type OnnxElementType, onnxByteLength, onnxTypeOf } from './element-types.ts'
import type { OnnxExternalData, OnnxTensor, OnnxText } from './model.ts'
import type { WireReader } from './wire-reader.ts'

export function readTensor(reader: WireReader): OnnxTensor {
  const shape: number[] = []
  const found: Found = { floats: [], doubles: [], numbers: new Numbers(), texts: [], external: new Map() }
  let [name, id] = ['', 0]
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.varints((value) => {
          reader.countItems(1)
          if (value > BigInt(Number.MAX_SAFE_INTEGER))
            throw reader.invalid(`a size is ${BigInt.asIntN(64, value)}`)
          shape.push(Number(value))
        })
        break
      case 2:
        id = reader.int32()
        break
      case 4:
        reader.countItems(1)
        found.floats.push(reader.fixed(4))
        break
      case 5:
      case 7:
      case 11:
        reader.varints((value) => found.numbers.push(value))
        break
      case 6:
        reader.countItems(1)
        found.texts.push(textOf(reader.bytes()))
        break
      case 8:
        name = reader.text()
        break
      case 9:
        found.raw = reader.bytes()
        break
      case 10:
        reader.countItems(1)
        found.doubles.push(reader.fixed(8))
        break
      case 13:
        readEntry(reader.message(), found.external)
        break
      case 14:
        found.isExternal = reader.int32() === 1
        break
      default:
        reader.skip()
    }
  }
  const type = onnxTypeOf(id)
  const called = `tensor ${JSON.stringify(name)}`
  if (type === undefined) throw reader.invalid(`${called} has the element type ${id}`)
  const count = shape.reduce((product, size) => product * size, 1)
  if (!Number.isSafeInteger(count))
    throw reader.invalid(`${called} has the impossible shape [${shown(shape)}]`)
  return { name, type, shape, data: dataOf(found, type, count, reader, called) }
}

/** Files may say millions of sizes. */
const shown = (shape: readonly number[]): string =>
  shape.length > 8 ? `${shape.slice(0, 8)}, and ${shape.length - 8} more` : String(shape)

interface Found {
  raw?: Uint8Array
  readonly floats: Uint8Array[]
  readonly doubles: Uint8Array[]
  readonly numbers: Numbers
  readonly texts: OnnxText[]
  readonly external: Map<string, string>
  isExternal?: boolean
}

function dataOf(
  found: Found,
  type: OnnxElementType,
  count: number,
  reader: WireReader,
  called: string,
): OnnxTensor['data'] {
  if (found.isExternal) return externalData(found.external, reader, called)
  if (type === 'string') {
    if (found.texts.length !== count)
      throw reader.invalid(`${called} has ${found.texts.length} texts of ${count}`)
    return found.texts
  }
  const bytes = found.raw ?? typed(found, type)
  const wanted = onnxByteLength(type, count)
  if (bytes.length !== wanted)
    throw reader.invalid(`${called} has ${bytes.length} bytes, and its shape and type want ${wanted}`)
  return bytes
}

/** Fields by type as in onnx.proto: half precision and small integers are in `int32_data`, one number each. */
function typed({ floats, doubles, numbers }: Found, type: OnnxElementType): Uint8Array {
  if (type === 'float32' || type === 'complex64') return joined(floats)
  if (type === 'float64' || type === 'complex128') return joined(doubles)
  return numbers.bytes(onnxByteLength(type, 1))
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts))

function externalData(
  entries: ReadonlyMap<string, string>,
  reader: WireReader,
  called: string,
): OnnxExternalData {
  const location = entries.get('location')
  if (!location) throw reader.invalid(`${called} is in another file, and no location says which`)
  const number = (key: string): number | undefined => {
    const text = entries.get(key)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw reader.invalid(`${called} has the ${key} ${JSON.stringify(text)}`)
    return value
  }
  const length = number('length')
  return { location, offset: number('offset') ?? 0, ...(length !== undefined && { length }) }
}

function readEntry(reader: WireReader, into: Map<string, string>): void {
  let [key, value] = ['', '']
  while (reader.next()) {
    if (reader.field === 1) key = reader.text()
    else if (reader.field === 2) value = reader.text()
    else reader.skip()
  }
  into.set(key, value)
}

/** A growing list of numbers of 64 bits. */
class Numbers {
  #values = new BigUint64Array(16)
  #count = 0

  push(value: bigint): void {
    if (this.#count === this.#values.length) {
      const larger = new BigUint64Array(2 * this.#count)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count] = value
    this.#count += 1
  }

  /** The lowest `size` bytes of each. */
  bytes(size: number): Uint8Array {
    const all = new Uint8Array(this.#values.buffer, 0, this.#count * 8)
    if (size === 8) return all.slice()
    const found = new Uint8Array(this.#count * size)
    for (let index = 0; index < this.#count; index += 1)
      for (let byte = 0; byte < size; byte += 1) found[index * size + byte] = all[8 * index + byte]!
    return found
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes if not valid UTF-8. */
export function textOf(bytes: Uint8Array): OnnxText {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes
  }
}
