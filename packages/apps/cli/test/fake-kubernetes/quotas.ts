/** ResourceQuotas: usage and rejections. */

import { readQuantity } from '@hadal/fleet'
import type { ObjectStore, StoredObject } from './object-store.ts'
import { requestsOf } from './scheduler.ts'

export function syncQuotas(store: ObjectStore): void {
  for (const quota of store.list('ResourceQuota')) {
    const hard = (quota.spec?.hard ?? {}) as Record<string, string>
    const used = Object.fromEntries(
      Object.keys(hard).map((resource) => [
        resource,
        String(usedOf(store, quota.metadata.namespace!, resource)),
      ]),
    )
    store.put({ ...quota, status: { hard, used } })
  }
}

/** Undefined if the pod is allowed. */
export function quotaFault(store: ObjectStore, pod: StoredObject): string | undefined {
  for (const quota of store.list('ResourceQuota', pod.metadata.namespace)) {
    for (const [resource, most] of Object.entries((quota.spec?.hard ?? {}) as Record<string, string>)) {
      const used = usedOf(store, pod.metadata.namespace!, resource)
      const more = needOf(pod, resource)
      if (used + more > (readQuantity(most) ?? 0))
        return `exceeded quota: ${quota.metadata.name}, requested: ${resource}=${more}, used: ${resource}=${used}, limited: ${resource}=${most}`
    }
  }
  return undefined
}

const usedOf = (store: ObjectStore, namespace: string, resource: string): number =>
  store.list('Pod', namespace).reduce((sum, pod) => sum + needOf(pod, resource), 0)

const needOf = (pod: StoredObject, resource: string): number =>
  resource === 'pods' ? 1 : (requestsOf(pod).get(resource.replace(/^requests\./, '')) ?? 0)
