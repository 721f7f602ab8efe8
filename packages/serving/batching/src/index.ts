/** Batching decisions: admission, waiting times and the composition of batches. All pure except `batch`, which runs them. */

export { seededRandom } from '@hadal/base'
export { Admission, type AdmissionOptions, type KvCache } from './admission.ts'
export {
  type Batched,
  type BatchFunction,
  type BatchOptions,
  type BatchStats,
  batch,
  type CallOptions,
} from './batch.ts'
export { type BatchDecision, BatchQueue, type ItemOptions, type TakenBatch } from './batch-queue.ts'
export { FairQueue, type FairQueueOptions, type QueuePlace, type Waiting } from './fair-queue.ts'
export { FairShares, type WeightOf } from './fair-shares.ts'
export { type FirstPassState, firstPassDelay } from './first-pass-delay.ts'
export { PassShare } from './pass-share.ts'
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
export {
  type KindInput,
  type KindLimits,
  type KindPass,
  type KindRequest,
  planKindPass,
} from './plan-kind-pass.ts'
export { type PassLimits, type PassPart, type PassRequest, planPass } from './plan-pass.ts'
export {
  attendedTokens,
  type PrefillChunk,
  planStep,
  prefillTokensOf,
  type SequenceState,
  type StepLimits,
  type StepPlan,
  type Turn,
} from './plan-step.ts'
export { hashOf, PrefixHash } from './prefix-hash.ts'
export { type HotOptions, type HotPrefix, type PrefixNode, PrefixTree, type Shared } from './prefix-tree.ts'
export { PromptLookup } from './prompt-lookup.ts'
export type { BatchQueueOptions, QueuePolicy } from './queue-options.ts'
export { Reservations } from './reservations.ts'
export { type Backlog, ServiceRate } from './service-rate.ts'
export {
  brokenPromises,
  type Capacity,
  capacityWithin,
  type Promised,
  type Slo,
} from './simulate/capacity.ts'
export { comparePolicies, type Policy, type PolicyReport, policies } from './simulate/compare-policies.ts'
export {
  compareTenants,
  simulateTenants,
  type TenantPolicy,
  type TenantPolicyReport,
  type TenantsReport,
  type TenantTime,
  tenantPolicies,
  tenantsAlone,
} from './simulate/compare-tenants.ts'
export { fairDues, jainIndex } from './simulate/fair-dues.ts'
export { Histogram, type Percentiles } from './simulate/histogram.ts'
export type { KeyLimit } from './simulate/key-limits.ts'
export {
  describeDistribution,
  drawLength,
  type LengthDistribution,
} from './simulate/length-distribution.ts'
export { exponential, normal, type Random } from './simulate/random.ts'
export { simulate } from './simulate/simulate.ts'
export {
  type CostCoefficients,
  type SimulatedCosts,
  type SimulatedService,
  simulatedCosts,
  simulatedDefaults,
} from './simulate/simulated-service.ts'
export type { KeyReport, Outcome, SimulationReport, SimulationWatch } from './simulate/tally.ts'
export type { Apart, TenantReport } from './simulate/tenant-tally.ts'
export { type Tenant, tenantTraffic } from './simulate/tenants.ts'
export {
  type Arrivals,
  drawTraffic,
  hasten,
  type RequestSort,
  type SimulatedRequest,
  type TrafficPlan,
} from './simulate/traffic.ts'
export { prefillBound, type StepCoefficients, StepCosts, type StepWork } from './step-costs.ts'
export { type SchedulerLimits, StepScheduler } from './step-scheduler.ts'
export { type FittedCosts, fitCosts, type MeasuredStep } from './tune/fit-costs.ts'
export {
  type OnlineChange,
  type OnlineKnobs,
  OnlineTuner,
  type OnlineTunerOptions,
} from './tune/online-tuner.ts'
export { type KnobSpace, type Scored, type SearchOptions, searchKnobs } from './tune/search-knobs.ts'
export { urgency } from './urgency.ts'
