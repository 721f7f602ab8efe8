/** Tensors as they travel between a client, the server and the process of a model. Knows no runtime and no protocol. */

/** `bool` is a byte each, 0 or 1; `float16` its bits; all little-endian. */
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
  /** Row-major, without gaps: the elements' bytes, or the texts of `string`. */
  readonly data: Uint8Array | readonly string[]
}

/** What a model takes, or gives, under a name. */
export interface TensorSpec {
  readonly name: string
  readonly dtype: TensorDtype
  /** A number, or the name of a dimension that may have any size; an unnamed one is ''. */
  readonly dims: readonly (number | string)[]
}

/** Bytes of one element; of `string` there is no such number. */
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

/** Elements that are there. */
export const countOf = ({ dtype, data }: Pick<TensorValue, 'dtype' | 'data'>): number =>
  dtype === 'string' ? data.length : (data as Uint8Array).byteLength / elementBytes[dtype]

/** How several requests for tensors share a run. */
export interface TensorBatching {
  /**
   * `free`: the first dimension of every input and output takes any number of rows. `fixed`: it has a size of its own, which is
   * filled with rows of others. `none`: a request is computed by itself.
   */
  readonly kind: 'free' | 'fixed' | 'none'
  /** Of `fixed`: rows of a run. */
  readonly rows?: number
  readonly reason: string
}

/** A model that takes tensors and gives tensors. */
export interface TensorModel {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly batching: TensorBatching
  /** What its file says of it: `metadata_props` of ONNX. */
  readonly metadata: Readonly<Record<string, string>>
  /** By what it is computed: `onnxruntime_onnx`. */
  readonly platform: string
}

/** Milliseconds that were spent in runs which a request was part of. */
export interface InferenceTimes {
  readonly inputMillis: number
  readonly inferMillis: number
  readonly outputMillis: number
}
