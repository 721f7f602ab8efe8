export { type BlockType, byteCount, type ElementType, type PlainType } from './element-types.ts'
export * from './errors.ts'
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
export { dequantizeQ8_0, quantizeQ8_0 } from './q8-0.ts'
export { openSafetensors, type Safetensors, type SafetensorsTensor } from './safetensors/open-safetensors.ts'
export { writeSafetensors } from './safetensors/write-safetensors.ts'
export type { TensorData, TensorSource } from './tensor-source.ts'
