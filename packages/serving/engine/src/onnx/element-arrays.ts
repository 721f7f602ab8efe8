/** Converts between bytes and the runtime's tensors. Pure. */

import { elementBytes, type TensorDtype, type TensorValue } from '../tensor-value.ts'
import type { OnnxData, OnnxRuntimeTensor } from './load-runtime.ts'

/** The array type that the runtime expects for each element type. */
const arrays = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<Exclude<TensorDtype, 'string'>, unknown>

export const isTensorDtype = (type: string): type is TensorDtype =>
  type === 'string' || Object.hasOwn(arrays, type)

/** A view if the data is aligned, otherwise a copy. */
export function elementsOf({ dtype, data }: Pick<TensorValue, 'dtype' | 'data'>): OnnxData {
  if (dtype === 'string') return data as readonly string[]
  const bytes = data as Uint8Array
  const size = elementBytes[dtype]
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return new arrays[dtype](buffer as ArrayBuffer, byteOffset, bytes.byteLength / size)
}

/** A view. */
export function dataOf(elements: OnnxData): Uint8Array | readonly string[] {
  return ArrayBuffer.isView(elements)
    ? new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
    : elements
}

/** Converts an output of the runtime. */
export const tensorOf = (name: string, { type, dims, data }: OnnxRuntimeTensor): TensorValue => ({
  name,
  dtype: type as TensorDtype,
  dims,
  data: dataOf(data),
})
