/** Scales pods to the ReplicaSet's count; deletes the least useful first. */

import { type Cluster, ownedBy, ownerReference, tellEvent } from './cluster.ts'
import type { Data, StoredObject } from './object-store.ts'
import { quotaFault } from './quotas.ts'

export function syncReplicaSet(cluster: Cluster, replicaSet: StoredObject): void {
  const { store } = cluster
  const wanted = (replicaSet.spec?.replicas as number) ?? 0
  const active = ownedBy(store, 'Pod', replicaSet).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )
  let fault: string | undefined
  for (let count = active.length; count < wanted; count++) {
    const pod = podOf(cluster, replicaSet)
    fault = quotaFault(store, pod)
    if (fault !== undefined) {
      tellEvent(
        cluster,
        replicaSet,
        'FailedCreate',
        `Error creating: pods "${pod.metadata.name}" is forbidden: ${fault}`,
      )
      break
    }
    store.put(pod)
  }
  const tooMany = active.length - wanted
  if (tooMany > 0)
    for (const pod of active.toSorted((a, b) => rank(a) - rank(b)).slice(0, tooMany)) endPod(cluster, pod)
  const pods = ownedBy(store, 'Pod', replicaSet).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )
  const ready = pods.filter(isReady).length
  const status: Data = {
    observedGeneration: replicaSet.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(fault === undefined
      ? {}
      : { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: fault }] }),
  }
  const current = store.get('ReplicaSet', replicaSet.metadata.namespace, replicaSet.metadata.name)
  if (current !== undefined) store.put({ ...current, status })
}

/** Unscheduled first, then not ready. */
const rank = (pod: StoredObject): number => (pod.spec?.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1)

export const isReady = ({ status }: StoredObject): boolean =>
  ((status?.conditions ?? []) as Data[]).some(({ type, status: is }) => type === 'Ready' && is === 'True')

/** A pod without a node is gone at once. */
export function endPod(cluster: Cluster, pod: StoredObject): void {
  if (pod.spec?.nodeName === undefined) cluster.store.remove(pod)
  else if (pod.metadata.deletionTimestamp === undefined)
    cluster.store.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: cluster.timestamp() } })
}

function podOf(cluster: Cluster, replicaSet: StoredObject): StoredObject {
  const template = replicaSet.spec!.template as { metadata: Data; spec: Data }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(structuredClone(template.metadata) as object),
      name: `${replicaSet.metadata.name}-${cluster.store.version.toString(36)}`,
      namespace: replicaSet.metadata.namespace!,
      ownerReferences: ownerReference(replicaSet),
      creationTimestamp: cluster.timestamp(),
    },
    spec: structuredClone(template.spec),
    status: { phase: 'Pending' },
  }
}
