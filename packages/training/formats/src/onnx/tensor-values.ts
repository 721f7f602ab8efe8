/** Makes tensors of an ONNX model from numbers, and numbers from them. Assumes a little-endian machine, as all of this package does. */

import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../half.ts'
import { onnxByteLength } from './element-types.ts'
import { onnxExternalData, onnxTensorInvalid } from './errors.ts'
import type { OnnxTensor } from './model.ts'

export type OnnxNumbers = readonly number[] | readonly bigint[] | NumberArray

type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Types whose values are converted from and to floats. */
export type OnnxFloatType = 'float32' | 'float16' | 'bfloat16' | 'float64'

export type OnnxIntegerType =
  | 'int8'
  | 'uint8'
  | 'bool'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'

const integerArrays = {
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const satisfies Record<OnnxIntegerType, unknown>

/**
 * `values` as `type`, rounded for narrower floats. Throws `onnx_tensor_invalid` if the count does not match the shape, or a number
 * exceeds an integer type.
 *
 * @example
 * ```ts
 * import { onnxTensor } from '@hadal/formats'
 *
 * onnxTensor('w', 'float32', [2], [1, 2]).data // → Uint8Array(8) [ 0, 0, 128, 63, 0, 0, 0, 64 ]
 * ```
 */
export function onnxTensor(
  name: string,
  type: OnnxFloatType | OnnxIntegerType,
  shape: readonly number[],
  values: OnnxNumbers,
): OnnxTensor {
  const tensor = { name, type, shape, data: bytesOf(name, type, values) }
  checkOnnxTensor(tensor)
  return tensor
}

function bytesOf(name: string, type: OnnxFloatType | OnnxIntegerType, values: OnnxNumbers): Uint8Array {
  if (Object.hasOwn(integerArrays, type)) return integerBytes(name, type as OnnxIntegerType, values)
  const floats = Float32Array.from(values as readonly number[], Number)
  if (type === 'float32') return plain(floats)
  if (type === 'float16') return plain(toFloat16(floats))
  return type === 'bfloat16'
    ? plain(toBfloat16(floats))
    : plain(Float64Array.from(values as readonly number[], Number))
}

function integerBytes(name: string, type: OnnxIntegerType, values: OnnxNumbers): Uint8Array {
  const made = new integerArrays[type](values.length)
  const isWide = made instanceof BigInt64Array || made instanceof BigUint64Array
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at]!
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
    if (whole) made[at] = isWide ? BigInt(value) : Number(value)
    if (!whole || BigInt(made[at]!) !== BigInt(value))
      throw onnxTensorInvalid(name, `holds ${value}, which is no ${type}`)
  }
  return plain(made)
}

const plain = (data: NumberArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Throws `onnx_tensor_invalid` if shape, type and data are inconsistent. */
export function checkOnnxTensor({ name, type, shape, data }: OnnxTensor): void {
  const broken = shape.find((size) => !(Number.isSafeInteger(size) && size >= 0))
  if (broken !== undefined)
    throw onnxTensorInvalid(name, `has the shape [${shape}], and ${broken} is no size`)
  if ('location' in data) return
  const count = shape.reduce((product, size) => product * size, 1)
  const isText = type === 'string'
  if (isText === data instanceof Uint8Array)
    throw onnxTensorInvalid(name, `is ${type}, and its values are ${isText ? 'bytes' : 'texts'}`)
  const wanted = isText ? count : onnxByteLength(type, count)
  if (data.length !== wanted)
    throw onnxTensorInvalid(
      name,
      `has ${data.length} ${isText ? 'texts' : 'bytes'}; [${shape}] of ${type} want ${wanted}`,
    )
}

/**
 * Throws `onnx_tensor_invalid` for a type of whole numbers or texts, and `onnx_external_data`.
 *
 * @example
 * ```ts
 * import { onnxFloats, onnxTensor } from '@hadal/formats'
 *
 * onnxFloats(onnxTensor('w', 'float16', [2], [1, 0.5])) // → Float32Array(2) [ 1, 0.5 ]
 * ```
 */
export function onnxFloats(tensor: OnnxTensor): Float32Array {
  const { name, type } = tensor
  const buffer = aloneBytes(tensor)
  if (type === 'float32') return new Float32Array(buffer)
  if (type === 'float16') return fromFloat16(new Uint16Array(buffer))
  if (type === 'bfloat16') return fromBfloat16(new Uint16Array(buffer))
  if (type === 'float64') return Float32Array.from(new Float64Array(buffer))
  throw onnxTensorInvalid(name, `is ${type}, and is read as floats`)
}

/**
 * In the typed array of the type: 64-bit values are bigints. Throws as `onnxFloats`.
 *
 * @example
 * ```ts
 * import { onnxIntegers, onnxTensor } from '@hadal/formats'
 *
 * onnxIntegers(onnxTensor('shape', 'int64', [2], [1n, 3n])) // → BigInt64Array(2) [ 1n, 3n ]
 * ```
 */
export function onnxIntegers(tensor: OnnxTensor): NumberArray {
  const { name, type } = tensor
  if (!Object.hasOwn(integerArrays, type))
    throw onnxTensorInvalid(name, `is ${type}, and is read as whole numbers`)
  return new integerArrays[type as OnnxIntegerType](aloneBytes(tensor))
}

/** A copy: typed arrays of wider elements need aligned memory. */
function aloneBytes(tensor: OnnxTensor): ArrayBuffer {
  const { name, data, type } = tensor
  if ('location' in data) throw onnxExternalData(name, data.location)
  if (!(data instanceof Uint8Array)) throw onnxTensorInvalid(name, `is ${type}, and is read as numbers`)
  checkOnnxTensor(tensor)
  return new Uint8Array(data).buffer
}
