/**
 * The element types of both formats: how many values a block holds, how many bytes it takes, and how values become
 * bytes and floats. Knows nothing about files.
 */

import { tensorSourceInvalid, tensorTypeUnsupported } from './errors.ts'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts'
import { dequantizeQ8_0, quantizeQ8_0 } from './q8-0.ts'

/** Each value on its own. These are the dtypes of safetensors. */
export type PlainType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'F8_E8M0'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL'

/** ggml's blocks of quantized values. */
export type BlockType =
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q8_1'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'Q8_K'
  | 'IQ1_S'
  | 'IQ1_M'
  | 'IQ2_XXS'
  | 'IQ2_XS'
  | 'IQ2_S'
  | 'IQ3_XXS'
  | 'IQ3_S'
  | 'IQ4_NL'
  | 'IQ4_XS'
  | 'TQ1_0'
  | 'TQ2_0'
  | 'MXFP4'

export type ElementType = PlainType | BlockType

const blocks: Readonly<Record<ElementType, readonly [values: number, bytes: number]>> = {
  F64: [1, 8],
  F32: [1, 4],
  F16: [1, 2],
  BF16: [1, 2],
  F8_E4M3: [1, 1],
  F8_E5M2: [1, 1],
  F8_E8M0: [1, 1],
  I64: [1, 8],
  I32: [1, 4],
  I16: [1, 2],
  I8: [1, 1],
  U64: [1, 8],
  U32: [1, 4],
  U16: [1, 2],
  U8: [1, 1],
  BOOL: [1, 1],
  Q4_0: [32, 18],
  Q4_1: [32, 20],
  Q5_0: [32, 22],
  Q5_1: [32, 24],
  Q8_0: [32, 34],
  Q8_1: [32, 36],
  Q2_K: [256, 84],
  Q3_K: [256, 110],
  Q4_K: [256, 144],
  Q5_K: [256, 176],
  Q6_K: [256, 210],
  Q8_K: [256, 292],
  IQ1_S: [256, 50],
  IQ1_M: [256, 56],
  IQ2_XXS: [256, 66],
  IQ2_XS: [256, 74],
  IQ2_S: [256, 82],
  IQ3_XXS: [256, 98],
  IQ3_S: [256, 110],
  IQ4_NL: [32, 18],
  IQ4_XS: [256, 136],
  TQ1_0: [256, 54],
  TQ2_0: [256, 66],
  MXFP4: [32, 17],
}

export const valuesPerBlock = (type: ElementType): number => blocks[type][0]

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

/** Undefined when a dimension is no size, or the product is beyond 2^53. */
export function valueCount(shape: readonly number[]): number | undefined {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined
  // Zero first: [2^40, 2^40, 0] is an empty tensor, not an overflow.
  if (shape.includes(0)) return 0
  const count = shape.reduce((product, size) => product * size, 1)
  return Number.isSafeInteger(count) ? count : undefined
}

/** Undefined when the count is unknown, too large, or the rows do not fill whole blocks. */
export function byteCount(type: ElementType, shape: readonly number[]): number | undefined {
  const [values, bytes] = blocks[type]
  const count = valueCount(shape)
  if (count === undefined || (shape.at(-1) ?? 1) % values !== 0) return undefined
  const total = (count / values) * bytes
  return Number.isSafeInteger(total) ? total : undefined
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

export const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
