/** A planned rollout, before any change. Plain data. */

import type { HadalError } from '@hadal/base'
import type { Manifest } from '../../manifest.ts'
import type { GpuRoom } from '../capacity/cluster-room.ts'
import type { KubeNode, KubeObject, KubePod, KubeQuota } from '../kube-objects.ts'
import type { FieldChange } from './field-changes.ts'
import type { RolloutStrategy } from './rollout-strategy.ts'

/** State read from a cluster. */
export interface ClusterState {
  /** Undefined if they may not be read: capacity is then unknown. */
  readonly nodes: readonly KubeNode[] | undefined
  /** Pods of all namespaces if nodes are known. */
  readonly pods: readonly KubePod[]
  readonly quotas: readonly KubeQuota[]
  /** HorizontalPodAutoscalers and ScaledObjects of the namespace. */
  readonly scalers: readonly KubeObject[]
  readonly disruptionBudgets: readonly KubeObject[]
  /** ReplicaSets of the namespace: objects they reference are not deleted. */
  readonly replicaSets: readonly KubeObject[]
  readonly claims: readonly KubeObject[]
  /** Names of Secrets that pods need, and that are neither there nor applied. */
  readonly missingSecrets: readonly string[]
  /** `apps/v1/Deployment`. */
  readonly served: ReadonlySet<string>
}

export interface RolloutInput {
  readonly wanted: readonly Manifest[]
  /** Live versions of these objects, if any. */
  readonly current: readonly KubeObject[]
  /** Live objects with our labels, to find those to delete. */
  readonly ours: readonly KubeObject[]
  readonly cluster: ClusterState
  /** What a server said it would keep (a dry run), by `objectKey`; without it changes are estimated. */
  readonly results: ReadonlyMap<string, KubeObject>
  /** `auto`: by the room that there is. `written`: as the manifests say. */
  readonly strategy: 'auto' | 'written'
  readonly prune: boolean
  readonly skipMissing: boolean
  /** As in `managedFields`. */
  readonly manager: string
}

export interface ObjectPlan {
  readonly key: string
  /** With the chosen strategy; for a deletion, the live object. */
  readonly manifest: Manifest
  readonly live: KubeObject | undefined
  readonly action: 'create' | 'change' | 'unchanged' | 'delete' | 'leaveOut'
  readonly changes: readonly FieldChange[]
  readonly restartsPods: boolean
}

export interface WorkloadPlan {
  readonly key: string
  /** `Deployment hadal/hadal-engine`. */
  readonly name: string
  readonly replicas: number
  readonly gpusEach: number
  readonly strategy: RolloutStrategy
  /** Why that one, or why none does. */
  readonly why: string
  readonly ends: boolean
  /** No pod of it is there yet. */
  readonly isNew: boolean
}

export interface RolloutPlan {
  /** In the order in which they are applied, deletions last. */
  readonly objects: readonly ObjectPlan[]
  /** Workloads with new or replaced pods. */
  readonly workloads: readonly WorkloadPlan[]
  /** Undefined where nodes may not be read. */
  readonly gpus: GpuRoom | undefined
  /** Why it must not be applied: all of them. */
  readonly blockers: readonly HadalError[]
  readonly warnings: readonly string[]
}
