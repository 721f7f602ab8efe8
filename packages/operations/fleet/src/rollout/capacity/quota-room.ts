/** Remaining quota of a namespace. */

import type { KubeQuota } from '../kube-objects.ts'
import { type Amounts, amountsOf } from './pod-needs.ts'

export interface QuotaShortage {
  readonly quota: string
  /** As the quota names it: `requests.nvidia.com/gpu`. */
  readonly resource: string
  readonly needed: number
  readonly left: number
}

/** The first quota that pods of these needs would exceed; undefined when all fit. */
export function quotaShortage(
  quotas: readonly KubeQuota[],
  more: readonly Amounts[],
): QuotaShortage | undefined {
  for (const quota of quotas) {
    const hard = amountsOf(quota.status?.hard)
    const used = amountsOf(quota.status?.used)
    for (const [resource, most] of hard) {
      const key = resourceOf(resource)
      if (key === undefined) continue
      const needed = more.reduce((sum, needs) => sum + (needs.get(key) ?? 0), 0)
      const left = most - (used.get(resource) ?? 0)
      if (needed > 0 && needed > left + 1e-9)
        return { quota: quota.metadata.name, resource, needed, left: Math.max(0, left) }
    }
  }
  return undefined
}

/** Limits and counts of other objects are not known from what pods request. */
function resourceOf(quotaResource: string): string | undefined {
  if (quotaResource === 'pods' || quotaResource === 'count/pods') return 'pods'
  if (quotaResource === 'cpu' || quotaResource === 'memory') return quotaResource
  return quotaResource.startsWith('requests.') ? quotaResource.slice('requests.'.length) : undefined
}
