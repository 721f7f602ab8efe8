/** Pure batching decisions: who is admitted, who waits how long, what one engine step computes. No I/O, no clock. */

export { AdmissionQueue, firstInFirstOut, type QueueOrder, type Waiting } from './admission-queue.ts'
export { type FirstPassState, firstPassDelay } from './first-pass-delay.ts'
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
export { ServiceRate } from './service-rate.ts'
export { StepScheduler } from './step-scheduler.ts'
