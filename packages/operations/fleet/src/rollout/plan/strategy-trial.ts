/** A workload's rollout with the strategies to try, the least disruptive first. */

import type { Placement } from '../capacity/cluster-room.ts'
import { amountOfGpus } from '../capacity/pod-needs.ts'
import { type KubeWorkload, objectKey } from '../kube-objects.ts'
import type { ClusterState } from './rollout-plan.ts'
import { inPlace, type RolloutStrategy, recreate, surgeByOne, writtenStrategy } from './rollout-strategy.ts'
import { type ClaimMode, claimModeOf, oldReplicas } from './workload-pods.ts'

/** A workload whose pods will be created or replaced. */
export interface RestartingWorkload {
  readonly workload: KubeWorkload
  readonly live: KubeWorkload | undefined
  readonly replicas: number
  /** That an autoscaler may make of them; the same without one. */
  readonly maxReplicas: number
  /** Otherwise there are only more or fewer of them. */
  readonly restartsPods: boolean
  /** Whether its strategy may be chosen. */
  readonly isFree: boolean
}

export interface Trial extends RestartingWorkload {
  readonly key: string
  readonly old: readonly (readonly Placement[])[]
  /** The first is the one that is tried. */
  readonly options: RolloutStrategy[]
  readonly refused: string[]
  readonly gpusEach: number
  readonly claimMode: ClaimMode | undefined
}

export function trialOf(given: RestartingWorkload, cluster: ClusterState): Trial {
  const { workload, live } = given
  const gpusEach = amountOfGpus(workload)
  return {
    ...given,
    key: objectKey(workload),
    old: live === undefined ? [] : oldReplicas(live, cluster.pods),
    options: optionsOf(given, gpusEach, cluster),
    refused: [],
    gpusEach,
    claimMode: claimModeOf(workload, cluster),
  }
}

/** From least to most disruptive. The manifest's strategy is kept if no pod is replaced, and on CPUs as long as it can complete. */
function optionsOf(
  { workload, live, replicas, restartsPods, isFree }: RestartingWorkload,
  gpusEach: number,
  { nodes }: ClusterState,
): RolloutStrategy[] {
  const written = writtenStrategy(workload, replicas)
  if (!isFree || live === undefined || !restartsPods) return [written]
  // Without access to nodes, do not count on free GPUs: most are taken, and a surge would wait forever.
  if (gpusEach > 0 && nodes === undefined) return [inPlace]
  const first = gpusEach > 0 && workload.kind !== 'StatefulSet' ? surgeByOne : written
  return workload.kind === 'Deployment' ? [first, inPlace, recreate] : [first, inPlace]
}
