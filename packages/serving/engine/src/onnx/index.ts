/** For who computes an ONNX model in a process of their own; serving is `createOnnxEngine` of the package's other door. */

export type { TensorDtype, TensorSpec } from '../tensor-value.ts'
export type { OnnxData } from './load-runtime.ts'
export { type OnnxTensor, type OpenedOnnx, type OpenOnnxOptions, openOnnx } from './open-onnx.ts'
