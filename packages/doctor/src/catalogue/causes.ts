/** The whole catalogue: the tables of all families. */

import type { Cause } from './cause.ts'
import { cudaCauses } from './cuda/cuda-causes.ts'
import { cudaLibraryCauses } from './cuda/cuda-library-causes.ts'
import { diskCauses } from './disk-causes.ts'
import { driverCauses } from './driver-causes.ts'
import { imageCauses } from './kubernetes/image-causes.ts'
import { podCauses } from './kubernetes/pod-causes.ts'
import { schedulingCauses } from './kubernetes/scheduling-causes.ts'
import { llamaCauses } from './llama-causes.ts'
import { gpuMemoryCauses } from './memory/gpu-memory-causes.ts'
import { hostMemoryCauses } from './memory/host-memory-causes.ts'
import { ncclCauses } from './nccl-causes.ts'
import { networkCauses } from './network-causes.ts'
import { nodeCauses } from './node-causes.ts'
import { pythonCauses } from './python-causes.ts'
import { trainingCauses } from './training/training-causes.ts'
import { xidCauses } from './xid/xid-causes.ts'

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
  ...nodeCauses,
  ...llamaCauses,
  ...pythonCauses,
  ...trainingCauses,
  ...networkCauses,
  ...diskCauses,
]
