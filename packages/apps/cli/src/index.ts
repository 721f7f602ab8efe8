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
export type { LevelReport } from './load/level-report.ts'
export type { Load } from './load/load-level.ts'
export { type ReplayOptions, type ReplayReport, replayTraffic } from './load/replay-traffic.ts'
export { type LoadObserver, type LoadPlan, type LoadReport, runLoad } from './load/run-load.ts'
export { type Summary, summarize } from './load/statistics.ts'
export type { Target } from './load/stream-client.ts'
