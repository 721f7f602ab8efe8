/** Batching decisions: who is admitted, who waits how long, what is computed together. All pure but `batch`, which carries them out. */

export { AdmissionQueue, firstInFirstOut, type QueueOrder, type Waiting } from './admission-queue.ts'
export {
  type Batched,
  type BatchFunction,
  type BatchOptions,
  type BatchStats,
  batch,
  type CallOptions,
} from './batch.ts'
export { type BatchDecision, BatchQueue, type ItemOptions, type TakenBatch } from './batch-queue.ts'
export { type FirstPassState, firstPassDelay } from './first-pass-delay.ts'
export { type BatchCandidate, type BatchLimits, type BatchPlan, planBatch } from './plan-batch.ts'
export {
  CallCosts,
  type DraftCandidate,
  type DraftCosts,
  type DraftPlan,
  DraftRecord,
  planDrafts,
  SharedDraftRecord,
} from './plan-drafts.ts'
export { type PassLimits, type PassPart, type PassRequest, planPass } from './plan-pass.ts'
export {
  nextGroup,
  type PrefillChunk,
  planStep,
  type SequenceState,
  type StepLimits,
  type StepPlan,
  type Turn,
} from './plan-step.ts'
export { PromptLookup } from './prompt-lookup.ts'
export type { BatchQueueOptions, QueuePolicy } from './queue-options.ts'
export { ServiceRate } from './service-rate.ts'
export { StepScheduler } from './step-scheduler.ts'
