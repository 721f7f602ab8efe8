/**
 * `hadal scale` in the cluster: two replicas with leader election, its plan, and its permissions, which are limited to scaling
 * these engines.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { configFolder } from '../manifests/config-map.ts'
import { workloadOf } from '../manifests/engine-group.ts'
import { hashOf, labelsOf, nameWith, selectorOf } from '../manifests/labels.ts'
import {
  containerBase,
  type Part,
  podBase,
  probes,
  scrapeAnnotations,
  scratchMounts,
  scratchVolumes,
  spread,
  stateFolder,
} from '../manifests/pod.ts'
import { prometheusPorts } from './prometheus-url.ts'
import { scalerName, scalerPlanOf } from './scaler-plan.ts'

export const scalerPort = 8090
const planFile = 'scaler.json'

/** Whether the cluster has a scaler of ours. */
export const hasScaler = ({ scaling, engines }: Deployment): boolean =>
  scaling.autoscaler === 'hadal' && engines.some(({ isScaled }) => isScaled)

export function scalerDeployment(deployment: Deployment): Manifest {
  const name = scalerName(deployment)
  const selector = selectorOf(deployment, 'scaler')
  const times = {
    probePeriodSeconds: 5,
    startupFailureThreshold: 12,
    // It serves no requests, and releases its Lease quickly.
    preStopSeconds: 0,
    terminationGraceSeconds: 15,
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(deployment, name),
    spec: {
      // One decides; the other takes over where it stopped.
      replicas: 2,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(deployment, selector), ...scrapeAnnotations(deployment, scalerPort) },
        spec: {
          ...podBase(deployment, name, times),
          ...spread(selector),
          containers: [
            {
              name: 'scaler',
              image: deployment.gateway.image,
              ...containerBase,
              command: [
                'hadal',
                'scale',
                '--plan',
                `${configFolder}/${planFile}`,
                '--listen',
                `0.0.0.0:${scalerPort}`,
                '--log-format',
                'json',
              ],
              ports: [{ name: 'http', containerPort: scalerPort }],
              env: [{ name: 'HOME', value: stateFolder }],
              resources: {
                requests: { cpu: '50m', memory: '256Mi' },
                limits: { cpu: '1', memory: '512Mi' },
              },
              ...probes({ startup: '/health', ready: '/health', live: '/health' }, times),
              volumeMounts: [{ name: 'plan', mountPath: configFolder, readOnly: true }, ...scratchMounts],
            },
          ],
          volumes: [{ name: 'plan', configMap: { name: planName(deployment) } }, ...scratchVolumes],
        },
      },
    },
  }
}

/** Never changed: pods start again when the plan is another one. */
export function scalerConfigMap(deployment: Deployment): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(deployment, planName(deployment)),
    immutable: true,
    data: { [planFile]: planText(deployment) },
  }
}

const planText = (deployment: Deployment): string => `${JSON.stringify(scalerPlanOf(deployment), null, 2)}\n`
const planName = (deployment: Deployment): string =>
  nameWith(scalerName(deployment), `plan-${hashOf(planText(deployment))}`)

/** By name where Kubernetes allows it: a new object has none yet. */
export function scalerAccess(deployment: Deployment): readonly Manifest[] {
  const name = scalerName(deployment)
  const metadata = metadataOf(deployment, name)
  const group = 'rbac.authorization.k8s.io'
  const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: true },
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata,
      rules: [
        ...workloadRules(deployment),
        { ...lease, resourceNames: [name], verbs: ['get', 'update'] },
        { ...lease, verbs: ['create'] },
        { apiGroups: [''], resources: ['events'], verbs: ['create'] },
      ],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: deployment.namespace }],
    },
  ]
}

/** Read whole, for how many answer and which version it is; changed in nothing but the number. */
function workloadRules({ engines }: Deployment): readonly Part[] {
  const named = [
    { group: 'apps', plural: 'deployments', kind: 'Deployment' },
    { group: 'leaderworkerset.x-k8s.io', plural: 'leaderworkersets', kind: 'LeaderWorkerSet' },
  ].map((each) => ({
    ...each,
    resourceNames: engines.map(workloadOf).flatMap(({ kind, name }) => (kind === each.kind ? [name] : [])),
  }))
  return named.flatMap(({ group, plural, resourceNames }) =>
    resourceNames.length === 0
      ? []
      : [
          { apiGroups: [group], resources: [plural], resourceNames, verbs: ['get'] },
          { apiGroups: [group], resources: [`${plural}/scale`], resourceNames, verbs: ['patch'] },
        ],
  )
}

/** To Prometheus and to the API server, by their ports: 443 is the Service `kubernetes`, behind it is mostly 6443. */
export const scalerEgressPorts = (deployment: Deployment): readonly number[] =>
  [...new Set([443, 6443, ...prometheusPorts(deployment)])].sort((a, b) => a - b)

/** It has no Service, since only Prometheus connects to it. */
export function scalerMonitor(deployment: Deployment): readonly Manifest[] {
  const { monitoring, monitor } = deployment
  if (monitoring.how !== 'operator') return []
  const seconds = (millis: number): string => `${Math.max(1, Math.round(millis / 1000))}s`
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: {
        ...metadataOf(deployment, scalerName(deployment)),
        labels: { ...labelsOf(deployment), ...monitoring.labels },
      },
      spec: {
        selector: { matchLabels: selectorOf(deployment, 'scaler') },
        podMetricsEndpoints: [
          {
            port: 'http',
            path: '/metrics',
            interval: seconds(monitor.scrapeIntervalMillis),
            scrapeTimeout: seconds(Math.min(10_000, monitor.scrapeIntervalMillis)),
          },
        ],
      },
    },
  ]
}

const metadataOf = (deployment: Deployment, name: string): Manifest['metadata'] => ({
  name,
  namespace: deployment.namespace,
  labels: labelsOf(deployment, selectorOf(deployment, 'scaler')),
})
