/**
 * A scaler's status as JSON: `GET /decisions` of `hadal scale`, and of a server that scales its own replicas. `hadal scale status`
 * reads it.
 */

import type { ScaleDecision } from '@hadal/fleet'

export interface ScalerStatus {
  /** Version of this format. */
  readonly version: 1
  /** The deciding scaler: a pod, or `here` if it is the only one. Null: there is currently no leader. */
  readonly leader: string | null
  /** Whether the responding scaler is the leader. */
  readonly isLeader: boolean
  /** Decisions are reported but not applied. */
  readonly isDryRun?: boolean
  readonly models: readonly ModelStatus[]
}

export interface ModelStatus {
  readonly model: string
  /** The scaled object: `Deployment models/deepseek-engine`, `processes on this machine`. */
  readonly target: string
  readonly replicas: number | null
  readonly readyReplicas: number | null
  readonly minReplicas: number
  readonly maxReplicas: number
  /** What limits the number of replicas, if it is not `maxReplicas`: `2 cores`. */
  readonly bound?: string
  /** Time of the newest metric that was used, in milliseconds since 1970. */
  readonly observedAt: number | null
  /** Why it cannot decide or act: `Prometheus does not answer`. Null if it can. */
  readonly fault: string | null
  /** Newest last; at most 200. Repeated decisions for the same reason are merged, with their newest metrics. */
  readonly decisions: readonly KeptDecision[]
}

export interface KeptDecision extends ScaleDecision {
  /** Since when the number has been unchanged for this reason, in milliseconds since 1970. */
  readonly since?: number
}
