/** Binds pods to nodes with free resources, honouring taints and labels; failures use Kubernetes' wording. */

import { readQuantity } from '@hadal/fleet'
import { type Cluster, tellEvent } from './cluster.ts'
import type { Data, ObjectStore, StoredObject } from './object-store.ts'

export function schedulePods(cluster: Cluster): void {
  for (const pod of cluster.store.list('Pod')) {
    if (pod.spec?.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) continue
    const nodes = cluster.store.list('Node')
    const refusals = nodes.map((node) => refusalOf(cluster.store, pod, node))
    const at = refusals.indexOf(undefined)
    if (at >= 0) {
      cluster.store.put({
        ...pod,
        metadata: {
          ...pod.metadata,
          annotations: { ...pod.metadata.annotations, 'fake/bound-at': String(cluster.now()) },
        },
        spec: { ...pod.spec, nodeName: nodes[at]!.metadata.name },
        status: { ...pod.status, conditions: [{ type: 'PodScheduled', status: 'True' }] },
      })
      continue
    }
    const message = unschedulable(refusals as string[])
    tellEvent(cluster, pod, 'FailedScheduling', message)
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
    cluster.store.put({ ...pod, status: { ...pod.status, conditions: [condition] } })
  }
}

/** `0/3 nodes are available: 2 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {a: b}.` */
function unschedulable(refusals: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const refusal of refusals) counts.set(refusal, (counts.get(refusal) ?? 0) + 1)
  const reasons = [...counts].map(([why, count]) => `${count} ${why}`).join(', ')
  return `0/${refusals.length} nodes are available: ${reasons}.`
}

function refusalOf(store: ObjectStore, pod: StoredObject, node: StoredObject): string | undefined {
  const spec = pod.spec as Data
  if (node.spec?.unschedulable === true) return 'node(s) were unschedulable'
  for (const taint of (node.spec?.taints ?? []) as { key: string; value?: string; effect: string }[])
    if (
      taint.effect !== 'PreferNoSchedule' &&
      !((spec.tolerations ?? []) as Data[]).some((each) => covers(each, taint))
    )
      return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  const selector = (spec.nodeSelector ?? {}) as Record<string, string>
  if (Object.entries(selector).some(([key, value]) => node.metadata.labels?.[key] !== value))
    return "node(s) didn't match Pod's node affinity/selector"
  const here = store.list('Pod').filter((each) => each.spec?.nodeName === node.metadata.name)
  for (const [resource, needed] of requestsOf(pod)) {
    const held = here.reduce((sum, each) => sum + (requestsOf(each).get(resource) ?? 0), 0)
    const all = readQuantity((node.status?.allocatable as Record<string, string>)?.[resource] ?? '0') ?? 0
    if (held + needed > all + 1e-9) return `Insufficient ${resource}`
  }
  return undefined
}

const covers = (toleration: Data, taint: { key: string; value?: string; effect: string }): boolean =>
  (!toleration.effect || toleration.effect === taint.effect) &&
  (!toleration.key || toleration.key === taint.key) &&
  (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''))

/** Sum over containers; init containers are ignored. */
export function requestsOf(pod: StoredObject): Map<string, number> {
  const sums = new Map<string, number>()
  for (const container of (pod.spec?.containers ?? []) as {
    resources?: { requests?: Data; limits?: Data }
  }[]) {
    const requests = { ...container.resources?.limits, ...container.resources?.requests }
    for (const [resource, amount] of Object.entries(requests))
      sums.set(resource, (sums.get(resource) ?? 0) + (readQuantity(amount as string) ?? 0))
  }
  return sums
}
