/** Objects that the pods of a run need: an account without rights, a claim, a name for rank 0, network access rules, metrics. */

import type { Manifest } from '../manifest.ts'
import { allLabels, indexKey, podLabels, rendezvousPort } from './rank-pod.ts'
import type { TrainingPlan } from './training-plan.ts'

const metadata = (plan: TrainingPlan, name: string = plan.name): Manifest['metadata'] => ({
  name,
  namespace: plan.namespace,
  labels: allLabels(plan),
})

export const serviceAccount = (plan: TrainingPlan): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(plan),
  automountServiceAccountToken: false,
})

export function runClaim(plan: TrainingPlan): Manifest[] {
  const { makes, name, size, access, storageClass } = plan.runClaim
  if (!makes) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: metadata(plan, name),
      spec: {
        accessModes: [access],
        ...(storageClass !== undefined && { storageClassName: storageClass }),
        resources: { requests: { storage: size } },
      },
    },
  ]
}

/** Gives every pod of a plain Job a host name; ranks meet before any of them is ready. Other forms have one made for them. */
export const rankService = (plan: TrainingPlan): Manifest[] =>
  plan.form !== 'job'
    ? []
    : [
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: metadata(plan),
          spec: {
            clusterIP: 'None',
            publishNotReadyAddresses: true,
            selector: podLabels(plan),
            ports: [{ name: 'rendezvous', port: rendezvousPort, targetPort: 'rendezvous' }],
          },
        },
      ]

/** gloo takes any port between ranks; everything else they need is on their volumes. */
export const networkPolicy = (plan: TrainingPlan): Manifest => {
  const { metrics } = plan
  const ranks = { podSelector: { matchLabels: podLabels(plan) } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(plan),
    spec: {
      podSelector: { matchLabels: podLabels(plan) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [ranks] },
        ...(metrics && metrics.how !== 'none'
          ? [
              {
                from: [
                  {
                    namespaceSelector: {
                      matchLabels: { 'kubernetes.io/metadata.name': metrics.namespace },
                    },
                  },
                ],
                ports: [{ protocol: 'TCP', port: 'metrics' }],
              },
            ]
          : []),
      ],
      egress: [
        { to: [ranks] },
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  }
}

/** Rank 0 alone serves metrics: the pod with index 0, which Kubernetes labels so. */
export function metricsTarget(plan: TrainingPlan): Manifest[] {
  const { metrics } = plan
  if (!metrics || metrics.how === 'none') return []
  const first = { ...podLabels(plan), [indexKey]: '0' }
  if (metrics.how === 'operator')
    return [
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PodMonitor',
        metadata: { ...metadata(plan), labels: { ...allLabels(plan), ...metrics.labels } },
        spec: {
          selector: { matchLabels: first },
          podMetricsEndpoints: [
            { port: 'metrics', path: '/metrics', interval: `${metrics.intervalSeconds}s` },
          ],
        },
      },
    ]
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata(plan, `${plan.name}-metrics`),
        annotations: {
          'prometheus.io/scrape': 'true',
          'prometheus.io/port': String(metrics.port),
          'prometheus.io/path': '/metrics',
        },
      },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: first,
        ports: [{ name: 'metrics', port: metrics.port, targetPort: 'metrics' }],
      },
    },
  ]
}
