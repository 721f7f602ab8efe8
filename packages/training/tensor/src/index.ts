/**
 * libtorch for Node: every public ATen operator, typed; scopes that free memory; gradients. Importing this loads nothing native:
 * the first operator does, or `load()`.
 */

export { type AllocatorState, allocatorState, emptyCache, setMemoryLimit } from './allocator.ts'
export * from './custom-ops/index.ts'
export { type AttentionHeadsOptions, attentionHeads, rmsNorm16, swiGlu16 } from './decoder-kernels.ts'
export { op, schemasOf } from './dispatch.ts'
export {
  copyToGroup,
  exchange,
  gatherFromGroup,
  reduceFromGroup,
  scatterToGroup,
} from './distributed/differentiable.ts'
export { distributedBackends, type JoinOptions, joinProcessGroup } from './distributed/join.ts'
export { ProcessGroup, type ReduceOp, type Work } from './distributed/process-group.ts'
export type { GroupStore } from './distributed/store.ts'
export type { Complex, Device, DType, Layout, MemoryFormat, Reduction, Scalar, TypedArray } from './dtype.ts'
export { fp8Largest, fp8Linear } from './fp8.ts'
export { type GradOptions, grad, gradAsync } from './grad.ts'
export {
  getNumThreads,
  getRngState,
  type LibraryInfo,
  libraryInfo,
  load,
  type Memory,
  manualSeed,
  memory,
  resetPeakMemory,
  setNumThreads,
  setRngState,
  takePeakMemory,
} from './library.ts'
export type { Nested } from './nested.ts'
export { addNormalNoise_, chaCha20, type NoiseSource } from './normal-noise.ts'
export { nvtx } from './nvtx.ts'
export { type Leaks, leaks, trackOrigins } from './origins.ts'
export {
  hearsRanges,
  isProfiling,
  markStep,
  type ProfilerOptions,
  recordRange,
  startProfiler,
  stopProfiler,
} from './profiler.ts'
export { enableGrad, isGradEnabled, noGrad, scope } from './scope.ts'
export { allocateStorage, releaseStorage } from './storage.ts'
export { type Index, Tensor } from './tensor.ts'
/**
 * libtorch's operators by their names in camelCase. Arguments with defaults go in an options object at the end.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 *
 * const x = torch.tensor([[1, 2], [3, 4]])
 * torch.softmax(x, -1).shape // → [ 2, 2 ]
 * torch.sum(x, 1, { keepdim: true }).toArray() // → [ [ 3 ], [ 7 ] ]
 * torch.zeros([2, 3], { dtype: 'int64' }).dtype // → 'int64'
 * ```
 */
export * as torch from './torch.ts'
