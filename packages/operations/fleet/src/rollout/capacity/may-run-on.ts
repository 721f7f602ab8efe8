/** Whether a node accepts a pod, and the reason if not. */

import { type KubeNode, meetsRequirement, type PodSpec, type Toleration } from '../kube-objects.ts'

/** Undefined when it may; otherwise what follows `2 nodes`. */
export function whyNotOn(spec: PodSpec, node: KubeNode): string | undefined {
  const { name, labels = {} } = node.metadata
  if (spec.nodeName !== undefined && spec.nodeName !== name)
    return `other than ${spec.nodeName}, to which it is bound`
  if (node.spec?.unschedulable && !tolerates(spec, cordon)) return 'cordoned'
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready !== undefined && ready.status !== 'True') return 'not ready'
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule' || tolerates(spec, taint)) continue
    return `with the taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}, which it does not tolerate`
  }
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {}))
    if (labels[key] !== value) return `without the label ${key}=${value}`
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms === undefined) return undefined
  const fields = { 'metadata.name': name }
  const isMet = terms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.length + matchFields.length > 0 &&
      matchExpressions.every((each) => meetsRequirement(each, labels)) &&
      matchFields.every((each) => meetsRequirement(each, fields)),
  )
  return isMet ? undefined : 'without the labels that its node affinity requires'
}

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

function tolerates(spec: PodSpec, taint: Taint): boolean {
  return (spec.tolerations ?? []).some((each) => coversTaint(each, taint))
}

function coversTaint({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (!key) return operator === 'Exists'
  if (key !== taint.key) return false
  return operator === 'Exists' || value === (taint.value ?? '')
}
