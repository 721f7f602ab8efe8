/** Cluster readings: API lists, over every namespace the account may read. */

import type { Source } from '../../capture/capture.ts'

const limitMillis = 10_000

const list = (name: string, path: string, about: string): Source => ({
  name,
  about,
  read: { kind: 'kubernetes', path, limitMillis },
})

/** @internal */
export const clusterSources: readonly Source[] = [
  list('kubernetes-version', '/version', 'API server version and availability.'),
  list('kubernetes-nodes', '/api/v1/nodes', 'Nodes: capacity, conditions and taints.'),
  list('kubernetes-pods', '/api/v1/pods', 'Pods: why they wait and how they ended.'),
  list(
    'kubernetes-events',
    '/api/v1/events?fieldSelector=type%3DWarning',
    'Warning events of the last hour.',
  ),
  list(
    'kubernetes-killings',
    '/api/v1/events?fieldSelector=reason%3DKilling',
    'Killed containers and the reasons.',
  ),
  list('kubernetes-deployments', '/apis/apps/v1/deployments', 'Deployments and the state of their rollouts.'),
  list('kubernetes-daemonsets', '/apis/apps/v1/daemonsets', 'DaemonSets, including the device plugin.'),
  list('kubernetes-quotas', '/api/v1/resourcequotas', 'Quotas and their usage.'),
  list(
    'kubernetes-budgets',
    '/apis/policy/v1/poddisruptionbudgets',
    'PodDisruptionBudgets and their allowed disruptions.',
  ),
  list(
    'kubernetes-hpas',
    '/apis/autoscaling/v2/horizontalpodautoscalers',
    'HorizontalPodAutoscalers and the state of their metrics.',
  ),
  list('kubernetes-scaledobjects', '/apis/keda.sh/v1alpha1/scaledobjects', 'KEDA ScaledObjects.'),
  list(
    'kubernetes-apiservices',
    '/apis/apiregistration.k8s.io/v1/apiservices',
    'Aggregated APIs, including metrics.',
  ),
]
