/** Operators that users write in C++: docs/custom-operators.md. */

export type { BuildOptions } from './build-op.ts'
export { type FusedOps, fusedOps, fusedRmsNorm, fusedSwiGlu } from './built-in/fused-ops.ts'
export { type BenchLine, type BenchOpOptions, type BenchReport, benchOp } from './check/bench-op.ts'
export { type CheckLine, type CheckOptions, type CheckReport, checkOp } from './check/check-op.ts'
export type { Draw, OpModule } from './check/op-module.ts'
export { type CudaKernelOptions, compileCudaKernel, cudaArchitectures } from './cuda-kernel.ts'
export { type DefineOptions, defineOp } from './define-op.ts'
export { cacheFolder as opCacheFolder } from './op-cache.ts'
export {
  type CompositeOp,
  type CppSource,
  type CudaSource,
  type KernelOp,
  type Op,
  type OpBuild,
  type OpDefinition,
  opDefinition,
} from './op-definition.ts'
export type { OpArguments, OpFunction, TensorArguments } from './schema-types.ts'
