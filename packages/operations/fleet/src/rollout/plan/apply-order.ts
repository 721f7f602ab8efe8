/** Apply order: objects before those that refer to them. */

import type { Manifest } from '../../manifest.ts'

const kinds = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'Secret',
  'ConfigMap',
  'PersistentVolumeClaim',
  'NetworkPolicy',
  'Service',
  'PodDisruptionBudget',
  'StatefulSet',
  'LeaderWorkerSet',
  'Deployment',
  'DaemonSet',
  'Job',
  'Ingress',
  'HorizontalPodAutoscaler',
  'TriggerAuthentication',
  'ScaledObject',
  'ServiceMonitor',
  'PodMonitor',
  'PrometheusRule',
]

/** For `sort`: by kind, then by name. Unknown kinds come last. */
export function applyOrder(left: Manifest, right: Manifest): number {
  return (
    rank(left) - rank(right) ||
    compare(left.kind, right.kind) ||
    compare(left.metadata.name, right.metadata.name)
  )
}

function rank({ kind }: Manifest): number {
  const at = kinds.indexOf(kind)
  return at < 0 ? kinds.length : at
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
