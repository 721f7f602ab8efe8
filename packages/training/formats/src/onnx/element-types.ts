/** The element types of ONNX, their numbers in a file and the bits that a value takes. */

export type OnnxElementType =
  | 'float32'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'string'
  | 'bool'
  | 'float16'
  | 'float64'
  | 'uint32'
  | 'uint64'
  | 'complex64'
  | 'complex128'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'uint4'
  | 'int4'
  | 'float4e2m1'

/** `TensorProto.DataType`, and the bits of a value; text has none. */
const types: Readonly<Record<OnnxElementType, readonly [id: number, bits: number]>> = {
  float32: [1, 32],
  uint8: [2, 8],
  int8: [3, 8],
  uint16: [4, 16],
  int16: [5, 16],
  int32: [6, 32],
  int64: [7, 64],
  string: [8, 0],
  bool: [9, 8],
  float16: [10, 16],
  float64: [11, 64],
  uint32: [12, 32],
  uint64: [13, 64],
  complex64: [14, 64],
  complex128: [15, 128],
  bfloat16: [16, 16],
  float8e4m3fn: [17, 8],
  float8e4m3fnuz: [18, 8],
  float8e5m2: [19, 8],
  float8e5m2fnuz: [20, 8],
  uint4: [21, 4],
  int4: [22, 4],
  float4e2m1: [23, 4],
}

const names = new Map(Object.entries(types).map(([name, [id]]) => [id, name as OnnxElementType]))

export const onnxTypeId = (type: OnnxElementType): number => types[type][0]

/** Undefined for an unsupported type number. */
export const onnxTypeOf = (id: number): OnnxElementType | undefined => names.get(id)

/** Byte length of N values; 4-bit types pack two per byte. */
export const onnxByteLength = (type: OnnxElementType, count: number): number =>
  Math.ceil((count * types[type][1]) / 8)
