/** Reads tensors of an inference request, from its JSON or from the binary part. */

import {
  elementBytes,
  elementCount,
  type TensorDtype,
  type TensorSpec,
  type TensorValue,
} from '@hadal/engine'
import { toFloat16 } from '@hadal/formats'
import type { InferInput } from '@hadal/protocol'
import { unsupportedParameter } from '../errors.ts'
import { invalidField } from '../field-issues.ts'
import { datatypeOf, datatypes, dtypeOf } from './datatypes.ts'
import { headerLength } from './infer-payload.ts'

/** In input order, which is also the order of the binary data. Throws `invalid_request` and `unsupported_parameter`. */
export function readTensors(inputs: readonly InferInput[], binary: Buffer): TensorValue[] {
  let at = 0
  const tensors = inputs.map((input, index) => {
    const param = `inputs[${index}]`
    const { name, shape: dims, datatype, parameters = {} } = input
    const dtype = dtypeOf(datatype)
    if (dtype === undefined)
      throw invalidField(
        `${param}.datatype`,
        `must be one of ${datatypes.join(', ')}, got ${JSON.stringify(datatype.slice(0, 40))}`,
      )
    if (parameters.shared_memory_region !== undefined)
      throw unsupportedParameter(`${param}.parameters.shared_memory_region`, 'shared memory')
    const size = parameters.binary_data_size
    if (size === undefined) {
      if (input.data === undefined || input.data === null)
        throw invalidField(`${param}.data`, 'is required where no binary_data_size is given')
      return { name, dtype, dims, data: fromJson(input.data, dtype, dims, `${param}.data`) }
    }
    const place = `${param}.parameters.binary_data_size`
    if (!(Number.isSafeInteger(size) && Number(size) >= 0 && at + Number(size) <= binary.length))
      throw invalidField(
        place,
        `must be at most the ${binary.length - at} bytes that are left, got ${JSON.stringify(size)}`,
      )
    if (input.data !== undefined && input.data !== null)
      throw invalidField(`${param}.data`, 'must be absent where binary_data_size is given')
    const bytes = binary.subarray(at, at + Number(size))
    at += bytes.length
    return { name, dtype, dims, data: fromBytes(bytes, dtype, dims, place) }
  })
  if (at < binary.length)
    throw invalidField(headerLength, `leaves ${binary.length - at} bytes behind the JSON that no input has`)
  return tensors
}

/** A body without JSON is the data of the model's only input; all of its dimensions but the first must be fixed. */
export function rawTensor(binary: Buffer, inputs: readonly TensorSpec[]): TensorValue {
  const [only] = inputs
  const rest = only?.dims.slice(1) ?? []
  if (
    only === undefined ||
    inputs.length > 1 ||
    only.dims.length === 0 ||
    rest.some((dim) => typeof dim === 'string')
  )
    throw invalidField(
      headerLength,
      'must not be 0: only a model of one input, of which the shape is known, takes bytes alone',
    )
  const { name, dtype } = only
  if (dtype === 'string') {
    const texts = readTexts(binary, headerLength)
    return { name, dtype, dims: rowsOf(texts.length, rest as number[]), data: texts }
  }
  const dims = rowsOf(binary.length / elementBytes[dtype], rest as number[])
  return { name, dtype, dims, data: fromBytes(binary, dtype, dims, headerLength) }
}

function rowsOf(count: number, rest: readonly number[]): number[] {
  const each = elementCount(rest)
  if (Number.isInteger(count / each) && count > 0) return [count / each, ...rest]
  throw invalidField(headerLength, `leaves ${count} elements, which is no whole number of rows of ${each}`)
}

function fromBytes(
  bytes: Buffer,
  dtype: TensorDtype,
  dims: readonly number[],
  param: string,
): TensorValue['data'] {
  const count = elementCount(dims)
  const shape = `[${dims.join(', ')}]`
  if (dtype === 'string') {
    const texts = readTexts(bytes, param)
    if (texts.length === count) return texts
    throw invalidField(param, `has ${texts.length} texts, where the shape ${shape} has ${count}`)
  }
  if (bytes.length !== count * elementBytes[dtype])
    throw invalidField(
      param,
      `must be ${count * elementBytes[dtype]}: so many bytes has ${datatypeOf(dtype)} of the shape ${shape}, got ${bytes.length}`,
    )
  if (dtype === 'bool' && bytes.some((byte) => byte > 1))
    throw invalidField(param, 'must be bytes of 0 and 1 for BOOL')
  return bytes
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Each text is prefixed with its length, 32 bits little-endian. */
function readTexts(bytes: Buffer, param: string): string[] {
  const texts: string[] = []
  let at = 0
  while (at < bytes.length) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length) throw invalidField(param, `ends amid the text ${texts.length}`)
    texts.push(decoded(bytes.subarray(at + 4, end), param, texts.length))
    at = end
  }
  return texts
}

function decoded(bytes: Buffer, param: string, index: number): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalidField(param, `has no UTF-8 in the text ${index}, and ONNX has no other`)
  }
}

/** Integer types that JSON represents exactly; 64-bit ones are not among them. */
const ranges: Readonly<Partial<Record<TensorDtype, readonly [least: number, most: number]>>> = {
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

const numberArrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

function fromJson(
  data: unknown,
  dtype: TensorDtype,
  dims: readonly number[],
  param: string,
): TensorValue['data'] {
  const flat: unknown[] = []
  const count = elementCount(dims)
  flatten(data, dims.length, flat, count, param)
  if (flat.length !== count)
    throw invalidField(
      param,
      `has ${flat.length} elements, where the shape [${dims.join(', ')}] has ${count}`,
    )
  if (dtype === 'string') {
    const at = flat.findIndex((value) => typeof value !== 'string')
    if (at >= 0) throw wrong(flat, at, 'a text', param)
    return flat as string[]
  }
  if (dtype === 'bool') {
    const at = flat.findIndex((value) => !(value === true || value === false || value === 0 || value === 1))
    if (at >= 0) throw wrong(flat, at, 'true or false', param)
    return Uint8Array.from(flat as number[], Number)
  }
  const range = ranges[dtype]
  if (range !== undefined) {
    const [least, most] = range
    const isIn = (value: unknown): boolean =>
      Number.isInteger(value) && Number(value) >= least && Number(value) <= most
    const at = flat.findIndex((value) => !isIn(value))
    if (at >= 0) throw wrong(flat, at, `a whole number from ${least} to ${most}`, param)
  } else {
    const at = flat.findIndex((value) => typeof value !== 'number')
    if (at >= 0) throw wrong(flat, at, 'a number', param)
  }
  return bytesOf(elements(flat as number[], dtype))
}

function elements(
  values: readonly number[],
  dtype: Exclude<TensorDtype, 'string' | 'bool'>,
): ArrayBufferView {
  if (dtype === 'int64') return BigInt64Array.from(values, BigInt)
  if (dtype === 'uint64') return BigUint64Array.from(values, BigInt)
  const array = numberArrays[dtype].from(values)
  return dtype === 'float16' ? toFloat16(array as Float32Array) : array
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Stops as soon as the maximum is exceeded. */
function flatten(data: unknown, depth: number, into: unknown[], most: number, param: string): void {
  if (!Array.isArray(data)) throw invalidField(param, 'must be a list, flat or nested as the shape is')
  if (into.length + data.length > most && !Array.isArray(data[0]))
    throw invalidField(param, `has more elements than the ${most} of its shape`)
  for (const value of data) {
    if (!Array.isArray(value)) into.push(value)
    else if (depth > 1) flatten(value, depth - 1, into, most, param)
    else throw invalidField(param, 'must not nest deeper than the shape has dimensions')
    if (into.length > most) throw invalidField(param, `has more elements than the ${most} of its shape`)
  }
}

const wrong = (flat: readonly unknown[], at: number, what: string, param: string): Error =>
  invalidField(
    param,
    `must hold ${what} everywhere, got ${(JSON.stringify(flat[at]) ?? 'nothing').slice(0, 60)} for element ${at}`,
  )
