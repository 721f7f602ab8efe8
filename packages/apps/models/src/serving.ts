/** What serving needs: light, without libtorch. */

export { startTowers } from './clip/start-towers.ts'
export { findOnnx } from './onnx/find-onnx.ts'
export { startOnnx } from './onnx/start-onnx.ts'
