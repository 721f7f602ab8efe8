export { median } from '@hadal/base'
export {
  type Batched,
  type BatchFunction,
  type BatchOptions,
  type BatchStats,
  batch,
  type CallOptions,
  type LengthDistribution,
} from '@hadal/batching'
export { defineService, type ServiceDefinition } from '@hadal/config'
export type { LevelReport, Load, Target } from '@hadal/load'
export {
  type LoadObserver,
  type LoadPlan,
  type LoadReport,
  type ReplayOptions,
  type ReplayReport,
  replayTraffic,
  runLoad,
  type Summary,
  summarize,
} from '@hadal/load'
export { findBundledModel } from '@hadal/service'
