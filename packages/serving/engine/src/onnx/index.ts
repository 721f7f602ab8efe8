/** For programs that run an ONNX model in their own process; for serving use `createOnnxEngine` of the main entry point. */

export type { TensorDtype, TensorSpec } from '../tensor-value.ts'
export type { OnnxData } from './load-runtime.ts'
export { type OnnxTensor, type OpenedOnnx, type OpenOnnxOptions, openOnnx } from './open-onnx.ts'
