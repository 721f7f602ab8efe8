/**
 * The controllers of the fake cluster: Deployments make ReplicaSets, those make Pods, a scheduler binds them by what is free, a
 * kubelet starts them. Everything is one function of the store and the time, run until nothing changes.
 */

import { syncDeployment } from './deployment-controller.ts'
import { syncPods } from './kubelet.ts'
import type { ObjectStore, StoredObject } from './object-store.ts'
import { syncQuotas } from './quotas.ts'
import { syncReplicaSet } from './replica-set-controller.ts'
import { schedulePods } from './scheduler.ts'

/** What an image does when it is started; others start. */
export type ImageScript = 'missing' | 'denied' | 'crash' | 'outOfMemory' | 'neverReady'

export interface ClusterScript {
  /** By image. */
  readonly images: Readonly<Record<string, ImageScript>>
  /** From being bound to being ready. */
  readonly readyMillis: number
  /** From being told to end to being gone. */
  readonly terminationMillis: number
}

export interface Cluster {
  readonly store: ObjectStore
  readonly script: ClusterScript
  /** Milliseconds since 1970, of the fake. */
  now(): number
  /** As objects have it. */
  timestamp(): string
}

export function reconcile(cluster: Cluster): void {
  const { store } = cluster
  for (let round = 0; round < 100; round++) {
    const before = store.version
    collectGarbage(store)
    syncQuotas(store)
    for (const deployment of store.list('Deployment')) syncDeployment(cluster, deployment)
    for (const replicaSet of store.list('ReplicaSet')) syncReplicaSet(cluster, replicaSet)
    schedulePods(cluster)
    syncPods(cluster)
    if (store.version === before) return
  }
  throw new Error('the controllers of the fake cluster do not come to rest')
}

/** What belonged to something that is gone goes, too. */
function collectGarbage(store: ObjectStore): void {
  const here = new Set(
    ['Deployment', 'ReplicaSet'].flatMap((kind) => store.list(kind)).map(({ metadata }) => metadata.uid),
  )
  for (const kind of ['ReplicaSet', 'Pod'])
    for (const object of store.list(kind)) {
      const owner = object.metadata.ownerReferences?.find(({ controller }) => controller)
      if (owner !== undefined && !here.has(owner.uid)) store.remove(object)
    }
}

export function ownedBy(store: ObjectStore, kind: string, owner: StoredObject): StoredObject[] {
  return store
    .list(kind, owner.metadata.namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid))
}

export const ownerReference = ({
  apiVersion,
  kind,
  metadata,
}: StoredObject): NonNullable<StoredObject['metadata']['ownerReferences']> => [
  { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true },
]

/** The same event again is counted, not repeated. */
export function tellEvent(cluster: Cluster, about: StoredObject, reason: string, message: string): void {
  const { namespace = 'default', name, uid } = about.metadata
  const known = cluster.store
    .list('Event', namespace)
    .find(
      (event) =>
        event.reason === reason &&
        event.message === message &&
        (event.involvedObject as { uid?: string }).uid === uid,
    )
  if (known !== undefined) return
  cluster.store.put({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${cluster.store.version}`, namespace },
    involvedObject: { kind: about.kind, namespace, name, uid },
    type: 'Warning',
    reason,
    message,
    count: 1,
    lastTimestamp: cluster.timestamp(),
  })
}
