/** The whole catalogue: the tables of all families. */

import type { Cause } from './cause.ts'
import { cudaCauses } from './cuda/cuda-causes.ts'
import { cudaLibraryCauses } from './cuda/cuda-library-causes.ts'
import { diskCauses } from './disk-causes.ts'
import { driverCauses } from './driver-causes.ts'
import { clusterCauses } from './kubernetes/cluster-causes.ts'
import { imageCauses } from './kubernetes/image-causes.ts'
import { podCauses } from './kubernetes/pod-causes.ts'
import { schedulingCauses } from './kubernetes/scheduling-causes.ts'
import { modelFileCauses } from './llama/model-file-causes.ts'
import { llamaRunningCauses } from './llama/running-causes.ts'
import { gpuMemoryCauses } from './memory/gpu-memory-causes.ts'
import { hostMemoryCauses } from './memory/host-memory-causes.ts'
import { ncclCauses } from './nccl-causes.ts'
import { networkCauses } from './network-causes.ts'
import { nodeCauses } from './node/node-causes.ts'
import { processCauses } from './node/process-causes.ts'
import { checkpointCauses } from './python/checkpoint-causes.ts'
import { pythonEngineCauses } from './python/engine-causes.ts'
import { libraryCauses } from './python/library-causes.ts'
import { tensorCauses } from './python/tensor-causes.ts'
import { trainingCauses } from './training/training-causes.ts'
import { xidCauses } from './xid/xid-causes.ts'

/**
 * Every cause that `explain` knows.
 *
 * @example
 * ```ts
 * import { causes } from '@hadal/doctor'
 *
 * causes.find(({ id }) => id === 'cuda-out-of-memory')?.family
 * ```
 */
export const causes: readonly Cause[] = [
  ...cudaCauses,
  ...cudaLibraryCauses,
  ...xidCauses,
  ...driverCauses,
  ...gpuMemoryCauses,
  ...hostMemoryCauses,
  ...ncclCauses,
  ...schedulingCauses,
  ...imageCauses,
  ...podCauses,
  ...clusterCauses,
  ...nodeCauses,
  ...processCauses,
  ...modelFileCauses,
  ...llamaRunningCauses,
  ...libraryCauses,
  ...tensorCauses,
  ...checkpointCauses,
  ...pythonEngineCauses,
  ...trainingCauses,
  ...networkCauses,
  ...diskCauses,
]
