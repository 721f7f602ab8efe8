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
  list('kubernetes-version', '/version', 'Version of the API server; whether it answers.'),
  list('kubernetes-nodes', '/api/v1/nodes', 'Nodes: what they have, what they lack, their taints.'),
  list('kubernetes-pods', '/api/v1/pods', 'Pods: what they wait for, how they ended.'),
  list('kubernetes-events', '/api/v1/events?fieldSelector=type%3DWarning', 'Warnings of the last hour.'),
  list(
    'kubernetes-killings',
    '/api/v1/events?fieldSelector=reason%3DKilling',
    'Containers that were ended, and why.',
  ),
  list('kubernetes-deployments', '/apis/apps/v1/deployments', 'Deployments: how far their rollouts are.'),
  list('kubernetes-daemonsets', '/apis/apps/v1/daemonsets', 'DaemonSets: the device plugin is one.'),
  list('kubernetes-quotas', '/api/v1/resourcequotas', 'Quotas and how much of them is used.'),
  list(
    'kubernetes-budgets',
    '/apis/policy/v1/poddisruptionbudgets',
    'PodDisruptionBudgets and what they allow.',
  ),
  list(
    'kubernetes-hpas',
    '/apis/autoscaling/v2/horizontalpodautoscalers',
    'HorizontalPodAutoscalers and whether they see metrics.',
  ),
  list('kubernetes-scaledobjects', '/apis/keda.sh/v1alpha1/scaledobjects', 'ScaledObjects of KEDA.'),
  list(
    'kubernetes-apiservices',
    '/apis/apiregistration.k8s.io/v1/apiservices',
    'APIs that other servers answer: metrics.',
  ),
]
