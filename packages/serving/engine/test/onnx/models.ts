/** The models beside this file (`models.py` writes them), and tensors for them. */

import { fileURLToPath } from 'node:url'
import type { TensorDtype, TensorValue } from '@hadal/engine'

export const onnxModel = (name: string): string => fileURLToPath(new URL(`./${name}.onnx`, import.meta.url))

export const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorValue =>
  bytesOf(name, 'float32', dims, Float32Array.from(values))

export const integers = (name: string, dims: readonly number[], values: readonly number[]): TensorValue =>
  bytesOf(name, 'int32', dims, Int32Array.from(values))

export const longs = (name: string, dims: readonly number[], values: readonly number[]): TensorValue =>
  bytesOf(name, 'int64', dims, BigInt64Array.from(values.map(BigInt)))

const bytesOf = (
  name: string,
  dtype: TensorDtype,
  dims: readonly number[],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): TensorValue => ({ name, dtype, dims, data: new Uint8Array(buffer, byteOffset, byteLength) })

export const floatsOf = ({ data }: TensorValue): number[] => [
  ...new Float32Array(Uint8Array.from(data as Uint8Array).buffer),
]
export const integersOf = ({ data }: TensorValue): number[] => [
  ...new Int32Array(Uint8Array.from(data as Uint8Array).buffer),
]
