/** A planned rollout, before any change. Plain data. */

import type { HadalError } from '@hadal/base'
import type { Manifest } from '../../manifest.ts'
import type { GpuRoom } from '../capacity/cluster-room.ts'
import type { KubeNode, KubeObject, KubePod, KubeQuota } from '../kube-objects.ts'
import type { FieldChange } from './field-changes.ts'
import type { RolloutStrategy } from './rollout-strategy.ts'

/** What was read of a cluster. */
export interface ClusterState {
  /** Undefined where they may not be read: room is then unknown. */
  readonly nodes: readonly KubeNode[] | undefined
  /** Pods of all namespaces if nodes are known. */
  readonly pods: readonly KubePod[]
  readonly quotas: readonly KubeQuota[]
  /** HorizontalPodAutoscalers and ScaledObjects of the namespace. */
  readonly scalers: readonly KubeObject[]
  readonly disruptionBudgets: readonly KubeObject[]
  /** ReplicaSets of the namespace: what they refer to is not deleted. */
  readonly replicaSets: readonly KubeObject[]
  readonly claims: readonly KubeObject[]
  /** Names of Secrets that pods need, and that are neither there nor applied. */
  readonly missingSecrets: readonly string[]
  /** `apps/v1/Deployment`. */
  readonly served: ReadonlySet<string>
}

export interface RolloutInput {
  readonly wanted: readonly Manifest[]
  /** The same objects as they are, where they are. */
  readonly current: readonly KubeObject[]
  /** What carries our labels, for what is to be deleted. */
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
  /** With the strategy that was chosen; of what is deleted, the object as it is. */
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
  /** In the order in which they are applied, what is deleted at the end. */
  readonly objects: readonly ObjectPlan[]
  /** Those whose pods are new or replaced. */
  readonly workloads: readonly WorkloadPlan[]
  /** Undefined where nodes may not be read. */
  readonly gpus: GpuRoom | undefined
  /** Why it must not be applied: all of them. */
  readonly blockers: readonly HadalError[]
  readonly warnings: readonly string[]
}
