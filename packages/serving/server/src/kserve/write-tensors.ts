/** Writes tensors to an inference response, as JSON or binary data after it. */

import type { TensorDtype, TensorValue } from '@hadal/engine'
import { fromFloat16 } from '@hadal/formats'
import { datatypeOf } from './datatypes.ts'

export interface WrittenTensor {
  readonly value: TensorValue
  /** As binary data after the JSON. */
  readonly isBinary: boolean
}

export interface AnswerHead {
  readonly model_name: string
  readonly model_version: string
  readonly id?: string
}

export interface WrittenAnswer {
  readonly body: Buffer
  /** Length of the JSON part; undefined if there is no binary part. */
  readonly jsonBytes: number | undefined
}

/** Written by hand because JSON.stringify cannot represent 64-bit integers. */
export function writeAnswer(head: AnswerHead, tensors: readonly WrittenTensor[]): WrittenAnswer {
  const binary: Uint8Array[] = []
  const outputs = tensors.map(({ value, isBinary }) => {
    const { name, dtype, dims } = value
    const about = { name, datatype: datatypeOf(dtype), shape: dims }
    if (!isBinary) return `${JSON.stringify(about).slice(0, -1)},"data":[${elementsInJson(value)}]}`
    const bytes = bytesOf(value)
    binary.push(bytes)
    return JSON.stringify({ ...about, parameters: { binary_data_size: bytes.length } })
  })
  const json = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"outputs":[${outputs.join(',')}]}`)
  return binary.length === 0
    ? { body: json, jsonBytes: undefined }
    : { body: Buffer.concat([json, ...binary]), jsonBytes: json.length }
}

/** Wire format; each text is prefixed with its length. */
function bytesOf({ data }: TensorValue): Uint8Array {
  if (data instanceof Uint8Array) return data
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
}

function elementsInJson({ dtype, data }: TensorValue): string {
  if (!(data instanceof Uint8Array)) return data.map((text) => JSON.stringify(text)).join(',')
  const elements = numbersOf(dtype, data)
  if (dtype === 'bool') return Array.from(elements as Uint8Array, (value) => String(value !== 0)).join(',')
  // JSON cannot represent NaN or infinity.
  if (dtype.startsWith('float'))
    return Array.from(elements as Float32Array, (value) =>
      Number.isFinite(value) ? String(value) : 'null',
    ).join(',')
  return elements.join(',')
}

type Numbers =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** A copy, to satisfy alignment. */
export function numbersOf(dtype: TensorDtype, data: Uint8Array): Numbers {
  const { buffer } = new Uint8Array(data)
  switch (dtype) {
    case 'uint16':
      return new Uint16Array(buffer)
    case 'uint32':
      return new Uint32Array(buffer)
    case 'uint64':
      return new BigUint64Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'int16':
      return new Int16Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'float16':
      return fromFloat16(new Uint16Array(buffer))
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
    default:
      return new Uint8Array(buffer)
  }
}
