/** Tensors to be written: how their values become the bytes of a type, and bytes values again. Knows nothing about files. */

import { byteCount, type ElementType, show, valueCount, valuesPerBlock } from './element-types.ts'
import { tensorSourceInvalid, tensorTypeUnsupported } from './errors.ts'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts'
import { dequantizeQ8_0, quantizeQ8_0 } from './q8-0.ts'

/**
 * A Float32Array holds values, which are rounded or quantized to the tensor's type (F32, F16, BF16, Q8_0). A Uint8Array
 * holds the bytes as they shall stand in the file. Other arrays must be those of the type: Uint16Array for F16 and BF16,
 * Int32Array for I32, and so on.
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

/** The typed array whose elements are the type's own. */
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

/** A tensor to be written. A function as `data` is called when its turn comes, so one tensor is held at a time. */
export interface TensorSource<Type extends ElementType = ElementType> {
  readonly name: string
  /** Row-major, as in PyTorch: the last dimension varies fastest. */
  readonly shape: readonly number[]
  readonly type: Type
  readonly data: TensorData | (() => TensorData)
}

/** The tensor's bytes as they stand in a file. */
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
  switch (type) {
    case 'F32':
      return bytesOf(data)
    case 'F16':
      return bytesOf(toFloat16(data))
    case 'BF16':
      return bytesOf(toBfloat16(data))
    case 'Q8_0': {
      const bytes = quantizeQ8_0(data)
      if (bytes === undefined)
        throw tensorSourceInvalid(name, 'holds values that are infinite, NaN or too large for Q8_0')
      return bytes
    }
    default:
      throw tensorTypeUnsupported(name, type, 'written from a Float32Array')
  }
}

/** The tensor's values; `bytes` must stand at the start of its buffer and fill it. */
export function decodeFloats(name: string, type: ElementType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  switch (type) {
    case 'F32':
      return new Float32Array(bytes.buffer)
    case 'F16':
      return fromFloat16(new Uint16Array(bytes.buffer))
    case 'BF16':
      return fromBfloat16(new Uint16Array(bytes.buffer))
    case 'Q8_0':
      return dequantizeQ8_0(bytes)
    default:
      throw tensorTypeUnsupported(name, type, 'read as floats')
  }
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
