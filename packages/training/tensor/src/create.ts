/** `torch.tensor`: tensors from host data. */

import { arrayClassOf, codeOf, type Device, type DType, dtypeOfArray, type TypedArray } from './dtype.ts'
import { tensorDataInvalid } from './errors.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { type Element, flatten, type Nested } from './nested.ts'
import { Tensor } from './tensor.ts'

export interface TensorOptions {
  readonly dtype?: DType | undefined
  readonly device?: Device | undefined
  readonly requiresGrad?: boolean | undefined
  /** Gives flat data a shape. */
  readonly shape?: readonly number[] | undefined
}

/**
 * A tensor with a copy of `data`. A TypedArray gives its own dtype (Float32Array: float32, BigInt64Array: int64, ...),
 * booleans give bool, bigints int64, numbers float32; `dtype` converts.
 */
export function tensor(data: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  const { dtype, device, requiresGrad, shape } = options
  const host = ArrayBuffer.isView(data) ? fromTyped(data) : fromNested(data, dtype)
  const made = make(host.array, host.dtype, shape ?? host.shape)
  const wanted = dtype ?? host.dtype
  const moved = wanted !== host.dtype || device !== undefined ? made.to({ dtype: wanted, device }) : made
  if (moved !== made) made.free()
  return requiresGrad === true ? moved.requiresGrad_() : moved
}

/** A tensor of any dtype from its bytes in row-major order, for example float16 or bfloat16 data of a file. */
export function fromBytes(
  bytes: ArrayBufferView | ArrayBuffer,
  dtype: DType,
  shape: readonly number[],
): Tensor {
  return make(bytes, dtype, shape)
}

interface Host {
  readonly array: ArrayBufferView
  readonly dtype: DType
  readonly shape: readonly number[]
}

function make(data: ArrayBufferView | ArrayBuffer, dtype: DType, shape: readonly number[]): Tensor {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : data
  try {
    return new Tensor(native().fromBytes(bytes, codeOf(dtype), shape))
  } catch (thrown) {
    throw failure(thrown, 'tensor', '', [shape, dtype])
  }
}

function fromTyped(data: ArrayBufferView): Host {
  if (data instanceof DataView) throw tensorDataInvalid('a DataView has no element type: use fromBytes')
  const array = data as TypedArray
  return { array, dtype: dtypeOfArray(array), shape: [array.length] }
}

function fromNested(data: Nested, wanted: DType | undefined): Host {
  const { elements, shape } = flatten(data)
  const dtype = hostType(elements, wanted)
  if (dtype === 'bool') return { array: Uint8Array.from(elements, Number), dtype, shape }
  if (dtype === 'int64') return { array: BigInt64Array.from(elements, toBigInt), dtype, shape }
  if (dtype === 'float64') return { array: Float64Array.from(elements, Number), dtype, shape }
  return { array: Float32Array.from(elements, Number), dtype: 'float32', shape }
}

/** The dtype to read the elements as on the host; libtorch converts from there. */
function hostType(elements: readonly Element[], wanted: DType | undefined): DType {
  if (elements.length > 0 && elements.every((element) => typeof element === 'boolean')) return 'bool'
  if (elements.some((element) => typeof element === 'bigint')) return 'int64'
  if (wanted === undefined || wanted === 'float32') return 'float32'
  const whole = wanted !== 'bool' && arrayClassOf(wanted) !== undefined && wanted !== 'float64'
  // float64 holds every other dtype's values; int64 also those past 2^53.
  return whole && elements.every((element) => Number.isSafeInteger(Number(element))) ? 'int64' : 'float64'
}

function toBigInt(element: Element): bigint {
  if (typeof element === 'number' && !Number.isInteger(element)) {
    throw tensorDataInvalid(`${element} is not a whole number, and bigints beside it ask for int64`)
  }
  return BigInt(element)
}
