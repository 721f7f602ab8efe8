export { type DecodeOnnxOptions, decodeOnnx } from './decode-onnx.ts'
export type { OnnxElementType } from './element-types.ts'
export { encodeOnnx } from './encode-onnx.ts'
export { type AttributeValue, GraphBuilder, type NodeOptions, type OnnxValue } from './graph-builder.ts'
export type {
  OnnxAttribute,
  OnnxExternalData,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxTensorType,
  OnnxText,
  OnnxValueInfo,
} from './model.ts'
export { readOnnx, writeOnnx } from './onnx-file.ts'
export {
  type OnnxFloatType,
  type OnnxIntegerType,
  type OnnxNumbers,
  onnxFloats,
  onnxIntegers,
  onnxTensor,
} from './tensor-values.ts'
export type { WireLimits } from './wire-reader.ts'
