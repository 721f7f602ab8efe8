/** Pods of a workload, their nodes, and whether a volume ties them to one. */

import { holdsRoom, type Placement, placementOf } from '../capacity/cluster-room.ts'
import { type KubePod, type KubeWorkload, matchesLabels, podTemplatesOf } from '../kube-objects.ts'
import type { ClusterState } from './rollout-plan.ts'

export type ClaimMode = 'ReadWriteOnce' | 'ReadWriteOncePod'

/** Pods of one replica of a LeaderWorkerSet belong together by their group's label. */
export function oldReplicas(live: KubeWorkload, pods: readonly KubePod[]): Placement[][] {
  const own = pods.filter(
    (pod) =>
      pod.metadata.namespace === live.metadata.namespace &&
      isPodOf(live, pod) &&
      pod.status?.phase !== 'Succeeded' &&
      pod.status?.phase !== 'Failed',
  )
  const groups = new Map<string, Placement[]>()
  for (const pod of own) {
    const group =
      live.kind === 'LeaderWorkerSet'
        ? (pod.metadata.labels?.['leaderworkerset.sigs.k8s.io/group-index'] ?? pod.metadata.name)
        : pod.metadata.name
    const placements = groups.get(group) ?? []
    if (holdsRoom(pod)) placements.push(placementOf(pod))
    groups.set(group, placements)
  }
  return [...groups.values()]
}

/** @internal */
export function isPodOf(workload: KubeWorkload, pod: KubePod): boolean {
  if (workload.kind === 'LeaderWorkerSet')
    return pod.metadata.labels?.['leaderworkerset.sigs.k8s.io/name'] === workload.metadata.name
  return matchesLabels(workload.spec?.selector, pod.metadata.labels)
}

/** The narrowest of its claims. */
export function claimModeOf(workload: KubeWorkload, { claims }: ClusterState): ClaimMode | undefined {
  const names = new Set(
    podTemplatesOf(workload).flatMap(({ spec }) =>
      (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
        claim === undefined ? [] : [claim.claimName],
      ),
    ),
  )
  const modes = claims
    .filter(({ metadata }) => names.has(metadata.name))
    .map((claim) => (claim.spec as { accessModes?: string[] } | undefined)?.accessModes ?? [])
  if (modes.some((each) => each.includes('ReadWriteOncePod'))) return 'ReadWriteOncePod'
  return modes.some((each) => each.length === 1 && each[0] === 'ReadWriteOnce') ? 'ReadWriteOnce' : undefined
}
