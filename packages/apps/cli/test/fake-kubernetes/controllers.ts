/**
 * Controllers of the fake cluster: Deployments create ReplicaSets, which create Pods; a scheduler binds and a kubelet starts them. A
 * function of store and time, run to a fixpoint.
 */

import type { Cluster } from './cluster.ts'
import { syncDeployment } from './deployment-controller.ts'
import { syncPods } from './kubelet.ts'
import type { ObjectStore } from './object-store.ts'
import { syncQuotas } from './quotas.ts'
import { syncReplicaSet } from './replica-set-controller.ts'
import { schedulePods } from './scheduler.ts'

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

/** Deletes objects whose owners are gone. */
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
