export { type BlockType, byteCount, type ElementType, type PlainType } from './element-types.ts'
export { tensorFileUnreadable } from './errors.ts'
export { type FloatType, fallbackType, floatTypes } from './float-codecs.ts'
export { describeGguf, type GgufDescription } from './gguf/describe-gguf.ts'
export { type Gguf, type GgufTensor, openGguf } from './gguf/open-gguf.ts'
export { type GgufTensorType, tensorTypeIds } from './gguf/tensor-types.ts'
export {
  type GgufArray,
  type GgufItems,
  type GgufMetadata,
  type GgufValue,
  type GgufValueType,
  gguf,
} from './gguf/value.ts'
export { type GgufContents, writeGguf } from './gguf/write-gguf.ts'
export { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts'
export * from './onnx/index.ts'
export { openSafetensors, type Safetensors, type SafetensorsTensor } from './safetensors/open-safetensors.ts'
export { writeSafetensors } from './safetensors/write-safetensors.ts'
export { decodeFloats, encodeTensor, type TensorData, type TensorSource } from './tensor-source.ts'
