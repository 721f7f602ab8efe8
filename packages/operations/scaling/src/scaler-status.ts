/**
 * A scaler's status as JSON: `GET /decisions` of `hadal scale`, and of a server that scales its own replicas. `hadal scale status`
 * reads it.
 */

import type { ScaleDecision } from '@hadal/fleet'

export interface ScalerStatus {
  /** Version of this format. */
  readonly version: 1
  /** The scaler that decides: a pod, or `here` when there is no other. Null: there is no leader at the moment. */
  readonly leader: string | null
  /** Whether who answers is the one that decides. */
  readonly isLeader: boolean
  /** Nothing is changed: it only says what would be. */
  readonly isDryRun?: boolean
  readonly models: readonly ModelStatus[]
}

export interface ModelStatus {
  readonly model: string
  /** What is scaled: `Deployment models/deepseek-engine`, `processes on this machine`. */
  readonly target: string
  readonly replicas: number | null
  readonly readyReplicas: number | null
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Why there are not more, where something else than `maxReplicas` says so: `2 cores`. */
  readonly bound?: string
  /** When the newest figure that counted was measured, in milliseconds of the epoch. */
  readonly observedAt: number | null
  /** What keeps it from deciding or from acting: `Prometheus does not answer`. Null: nothing. */
  readonly fault: string | null
  /** The newest last; at most 200. What holds for the same reason again and again stands once, with its newest figures. */
  readonly decisions: readonly KeptDecision[]
}

export interface KeptDecision extends ScaleDecision {
  /** Since when it holds for this reason, in milliseconds of the epoch. */
  readonly since?: number
}
