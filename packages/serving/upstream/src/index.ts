/** Models on other servers: requests are forwarded unchanged to the best replica. */

export { createUpstream, type UpstreamSeams } from './create-upstream.ts'
export type { DiscoverySeams } from './discover/discover.ts'
export type { Resolver } from './discover/resolve-urls.ts'
export type { KubernetesAccess } from './discover/watch-endpoints.ts'
export {
  upstreamBusy,
  upstreamFailed,
  upstreamInterrupted,
  upstreamLate,
  upstreamOptionInvalid,
  upstreamRefused,
  upstreamTimeout,
  upstreamUnavailable,
} from './errors.ts'
export { upstreamDefaults } from './options.ts'
export type {
  BreakerOptions,
  Discovery,
  RelayAnswer,
  RelayRequest,
  RelayScheduling,
  RelayUsage,
  ReplicaSnapshot,
  Routing,
  Upstream,
  UpstreamOptions,
  UpstreamSnapshot,
  WakeMemory,
  WakeSnapshot,
} from './upstream.ts'
export type { WakeEstimate, WakeRecord } from './wake/estimate-wake.ts'
