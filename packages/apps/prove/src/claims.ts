/** Every claim, in the order of the report. */

import type { Claim } from './claim.ts'
import { claim as alerts } from './claims/alerts/claim.ts'
import { claim as allocator } from './claims/allocator/claim.ts'
import { claim as autoscaling } from './claims/autoscaling/claim.ts'
import { claim as checkpointing } from './claims/checkpointing/claim.ts'
import { claim as coldStart } from './claims/cold-start/claim.ts'
import { claim as customOperator } from './claims/custom-operator/claim.ts'
import { claim as divergenceGuard } from './claims/divergence-guard/claim.ts'
import { claim as driverFloor } from './claims/driver-floor/claim.ts'
import { claim as dynamicBatching } from './claims/dynamic-batching/claim.ts'
import { claim as guardLayers } from './claims/guard-layers/claim.ts'
import { claim as imageText } from './claims/image-text/claim.ts'
import { claim as lora } from './claims/lora/claim.ts'
import { claim as lossScale } from './claims/loss-scale/claim.ts'
import { claim as privateTraining } from './claims/private-training/claim.ts'
import { claim as quantisationAware } from './claims/quantisation-aware/claim.ts'
import { claim as tensorParallel } from './claims/tensor-parallel/claim.ts'

export const claims: readonly Claim[] = [
  dynamicBatching,
  lossScale,
  checkpointing,
  tensorParallel,
  allocator,
  coldStart,
  guardLayers,
  privateTraining,
  customOperator,
  imageText,
  lora,
  quantisationAware,
  divergenceGuard,
  autoscaling,
  alerts,
  driverFloor,
]
