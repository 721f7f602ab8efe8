/** Manifests as other people write them: an engine with GPUs, its config and a Service. */

import type { Manifest } from '@hadal/fleet'

export interface EngineGiven {
  readonly replicas?: number
  readonly gpus?: number
  readonly image?: string
  readonly config?: string
  readonly strategy?: object
  readonly spec?: object
  readonly env?: readonly object[]
}

const labels = { 'app.kubernetes.io/instance': 'hadal', 'app.kubernetes.io/managed-by': 'hadal' }
const selector = { app: 'engine' }

export function engineManifests(given: EngineGiven = {}): Manifest[] {
  const { replicas = 2, gpus = 1, image = 'engine:1', config = 'a', strategy, env = [] } = given
  const configMap = `engine-config-${config}`
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: configMap, labels },
      data: { config },
      immutable: true,
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'engine', labels },
      spec: { selector, ports: [{ name: 'http', port: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'engine', labels },
      spec: {
        replicas,
        selector: { matchLabels: selector },
        ...(strategy === undefined ? {} : { strategy }),
        template: {
          metadata: { labels: { ...selector, ...labels } },
          spec: {
            containers: [
              {
                name: 'engine',
                image,
                env: [{ name: 'MODEL', value: 'nano' }, ...env],
                ports: [{ name: 'http', containerPort: 8080 }],
                resources: {
                  requests: { cpu: '4', memory: '16Gi' },
                  limits: { 'nvidia.com/gpu': String(gpus) },
                },
                volumeMounts: [{ name: 'config', mountPath: '/etc/hadal' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: configMap } }],
            tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
            ...given.spec,
          },
        },
      },
    },
  ]
}
