/** Element types: PyTorch's names, its numbers for them, and the TypedArray that holds each. */

/** c10::ScalarType numbers. Those without an entry (quantised, sub-byte) print as `dtype<number>`. */
const codes = {
  uint8: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  complex32: 8,
  complex64: 9,
  complex128: 10,
  bool: 11,
  qint8: 12,
  quint8: 13,
  qint32: 14,
  bfloat16: 15,
  float8_e5m2: 23,
  float8_e4m3fn: 24,
  float8_e5m2fnuz: 25,
  float8_e4m3fnuz: 26,
  uint16: 27,
  uint32: 28,
  uint64: 29,
} as const

export type DType = keyof typeof codes
/** `cpu`, `cuda`, `cuda:1`, `meta`. */
export type Device = string
/**
 * @example
 * ```ts
 * import { type Complex, torch } from '@hadal/tensor'
 *
 * const i: Complex = { re: 0, im: 1 }
 * torch.tensor(2).mul(i).dtype // → 'complex64'
 * ```
 */
export type Complex = { readonly re: number; readonly im: number }
/**
 * A number that libtorch treats as one element. Whole numbers take the dtype of the tensor alongside them.
 *
 * @example
 * ```ts
 * import { type Scalar, torch } from '@hadal/tensor'
 *
 * const factors: Scalar[] = [2, 0.5, true, 3n] // what operators take besides tensors
 * factors.map((factor) => torch.tensor(4).mul(factor).item())
 * ```
 */
export type Scalar = number | boolean | bigint | Complex
/**
 * How a loss over many elements is reduced.
 *
 * @example
 * ```ts
 * import { type Reduction, torch } from '@hadal/tensor'
 *
 * const reduction: Reduction = 'sum'
 * torch.mseLoss(torch.ones([3]), torch.zeros([3]), { reduction }).item() // → 3
 * ```
 */
export type Reduction = keyof typeof reductions
/** Options: each may be left out or be undefined. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined }
/**
 * @example
 * ```ts
 * import { type Layout } from '@hadal/tensor'
 *
 * const layout: Layout = 'strided' // torch.zeros([2, 2], { layout })
 * ```
 */
export type Layout = keyof typeof layouts
/**
 * @example
 * ```ts
 * import { type MemoryFormat } from '@hadal/tensor'
 *
 * const memoryFormat: MemoryFormat = 'channels_last' // torch.empty([1, 3, 8, 8], { memoryFormat })
 * ```
 */
export type MemoryFormat = keyof typeof memoryFormats

export type TypedArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

export const reductions = { none: 0, mean: 1, sum: 2 } as const

export const layouts = {
  strided: 0,
  sparse_coo: 1,
  sparse_csr: 2,
  sparse_csc: 4,
  sparse_bsr: 5,
  sparse_bsc: 6,
  jagged: 7,
} as const

export const memoryFormats = {
  contiguous_format: 0,
  preserve_format: 1,
  channels_last: 2,
  channels_last_3d: 3,
} as const

const names = new Map<number, DType>(Object.entries(codes).map(([name, code]) => [code, name as DType]))

export function isDType(text: string): text is DType {
  return Object.hasOwn(codes, text)
}

export function codeOf(dtype: DType): number {
  return codes[dtype]
}

export function dtypeOf(code: number): DType {
  return names.get(code) ?? (`dtype<${code}>` as DType)
}

const devices =
  /^(cpu|cuda|meta|mps|xpu|hip|vulkan|mkldnn|xla|privateuseone|hpu|mtia|ipu|ve|fpga|maia|lazy)(:\d+)?$/

export function isDevice(text: string): boolean {
  return devices.test(text)
}

/** The dtype with the element layout of a TypedArray. */
export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof BigInt64Array) return 'int64'
  if (array instanceof BigUint64Array) return 'uint64'
  if (array instanceof Int32Array) return 'int32'
  if (array instanceof Uint32Array) return 'uint32'
  if (array instanceof Int16Array) return 'int16'
  if (array instanceof Uint16Array) return 'uint16'
  if (array instanceof Int8Array) return 'int8'
  return 'uint8'
}

const arrays: Partial<Record<DType, new (buffer: ArrayBuffer) => TypedArray>> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

/** The TypedArray class for a dtype; undefined for those JavaScript has none for (float16, bfloat16, float8, complex). */
export function arrayClassOf(dtype: DType): (new (buffer: ArrayBuffer) => TypedArray) | undefined {
  return arrays[dtype]
}
