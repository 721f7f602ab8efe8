/** Tensors as exchanged between client, server and model process. */

/** `bool` is one byte each, 0 or 1; `float16` is raw bits; all little-endian. */
export type TensorDtype =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'string'

export interface TensorValue {
  readonly name: string
  readonly dtype: TensorDtype
  readonly dims: readonly number[]
  /** Row-major and contiguous: the elements' bytes, or the texts of `string`. */
  readonly data: Uint8Array | readonly string[]
}

/** A named input or output of a model. */
export interface TensorSpec {
  readonly name: string
  readonly dtype: TensorDtype
  /** A size, or the name of a free dimension ('' if unnamed). */
  readonly dims: readonly (number | string)[]
}

/** Bytes per element; undefined for `string`. */
export const elementBytes: Readonly<Record<Exclude<TensorDtype, 'string'>, number>> = {
  bool: 1,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
}

export const elementCount = (dims: readonly number[]): number => dims.reduce((count, dim) => count * dim, 1)

/** Number of elements present. */
export const countOf = ({ dtype, data }: Pick<TensorValue, 'dtype' | 'data'>): number =>
  dtype === 'string' ? data.length : (data as Uint8Array).byteLength / elementBytes[dtype]

/** How several tensor requests share a run. */
export interface TensorBatching {
  /**
   * `free`: the first dimension of every input and output accepts any number of rows. `fixed`: it has a fixed size, filled with
   * rows of several requests. `none`: requests are computed separately.
   */
  readonly kind: 'free' | 'fixed' | 'none'
  /** For `fixed`: rows per run. */
  readonly rows?: number
  readonly reason: string
}

/** A tensor model. */
export interface TensorModel {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly batching: TensorBatching
  /** Metadata of its file: `metadata_props` of ONNX. */
  readonly metadata: Readonly<Record<string, string>>
  /** The runtime: `onnxruntime_onnx`. */
  readonly platform: string
}

/** Milliseconds of the runs that a request took part in. */
export interface InferenceTimes {
  readonly inputMillis: number
  readonly inferMillis: number
  readonly outputMillis: number
}
