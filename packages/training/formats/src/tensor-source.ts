/** Tensors to be written: how their values become the bytes of a type, and bytes values again. */

import {
  byteCount,
  bytesPerBlock,
  type ElementType,
  show,
  valueCount,
  valuesPerBlock,
} from './element-types.ts'
import { tensorSourceInvalid, tensorTypeUnsupported } from './errors.ts'
import { floatCodec } from './float-codecs.ts'

/**
 * A Float32Array holds values, which are rounded or quantized to the tensor's type, which must be a `FloatType`. A Uint8Array holds
 * raw file bytes. Other arrays must match the type: Uint16Array for F16 and BF16, Int32Array for I32, and so on.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array

/** The typed array for the raw elements of each type. */
const arrayOf: Partial<Record<ElementType, string>> = {
  F64: 'Float64Array',
  F16: 'Uint16Array',
  BF16: 'Uint16Array',
  I64: 'BigInt64Array',
  I32: 'Int32Array',
  I16: 'Int16Array',
  I8: 'Int8Array',
  U64: 'BigUint64Array',
  U32: 'Uint32Array',
  U16: 'Uint16Array',
}

/** A tensor to write. A `data` function is called just before writing, so that one tensor is held at a time. */
export interface TensorSource<Type extends ElementType = ElementType> {
  readonly name: string
  /** Row-major, as in PyTorch: the last dimension varies fastest. */
  readonly shape: readonly number[]
  readonly type: Type
  readonly data: TensorData | (() => TensorData)
}

/**
 * The tensor's file bytes. Throws `tensor_source_invalid` if shape and data do not match, and `tensor_type_unsupported` if the type
 * cannot be encoded from the data.
 *
 * @example
 * ```ts
 * import { encodeTensor } from '@hadal/formats'
 *
 * encodeTensor({ name: 'w', shape: [2], type: 'BF16', data: new Float32Array([1, 2]) }) // → Uint8Array(4) [ 128, 63, 0, 64 ]
 * ```
 */
export function encodeTensor(tensor: TensorSource): Uint8Array {
  const { name, shape, type } = tensor
  const data = typeof tensor.data === 'function' ? tensor.data() : tensor.data
  const values = valueCount(shape)
  const expected = byteCount(type, shape)
  if (values === undefined || expected === undefined) throw badShape(tensor)
  if (data instanceof Float32Array) {
    if (data.length !== values)
      throw tensorSourceInvalid(name, `has ${data.length} values; ${show(shape)} needs ${values}`)
    return encodeFloats(tensor, data)
  }
  const kind = data.constructor.name
  if (!(data instanceof Uint8Array) && arrayOf[type] !== kind) {
    throw tensorTypeUnsupported(name, type, `written from a ${kind}`)
  }
  if (data.byteLength !== expected) {
    throw tensorSourceInvalid(name, `has ${data.byteLength} bytes; ${type} ${show(shape)} needs ${expected}`)
  }
  return bytesOf(data)
}

/** The shape cannot be stored: the reason as an error. */
export function badShape({ name, shape, type }: Pick<TensorSource, 'name' | 'shape' | 'type'>): Error {
  const whole = valuesPerBlock(type)
  return tensorSourceInvalid(
    name,
    valueCount(shape) === undefined
      ? `has the shape ${show(shape)}, which is no shape`
      : `has the shape ${show(shape)}, but ${type} needs rows of a multiple of ${whole}`,
  )
}

function encodeFloats({ name, type }: TensorSource, data: Float32Array): Uint8Array {
  const codec = floatCodec(type)
  if (codec === undefined) throw tensorTypeUnsupported(name, type, 'written from a Float32Array')
  const bytes = codec.encode(data)
  if (bytes === undefined)
    throw tensorSourceInvalid(name, `holds values that are infinite, NaN or too large for ${type}`)
  return bytes
}

/**
 * Decodes a tensor's values from whole blocks of a `FloatType`. Throws `tensor_type_unsupported` and `tensor_source_invalid`, with
 * `name`.
 *
 * @example
 * ```ts
 * import { decodeFloats } from '@hadal/formats'
 *
 * decodeFloats('w', 'F16', new Uint8Array([0, 60])) // → Float32Array(1) [ 1 ]
 * ```
 */
export function decodeFloats(name: string, type: ElementType, bytes: Uint8Array): Float32Array {
  const codec = floatCodec(type)
  if (codec === undefined) throw tensorTypeUnsupported(name, type, 'read as floats')
  const whole = bytesPerBlock(type)
  if (bytes.length % whole !== 0)
    throw tensorSourceInvalid(name, `has ${bytes.length} bytes; ${type} needs a multiple of ${whole}`)
  return codec.decode(bytes)
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
