/** Gateway Deployments: guard, keys and routing in front of the engines. Stateless and interchangeable. */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { configFolder, configMapName, configPath } from './config-map.ts'
import { engineRolloutSeconds } from './engine-rollout.ts'
import { labelsOf, selectorOf } from './labels.ts'
import {
  containerBase,
  drain,
  podBase,
  probes,
  replacementSeconds,
  scrapeAnnotations,
  scratchMounts,
  scratchVolumes,
  secretVariables,
  spread,
  stateFolder,
} from './pod.ts'

export function gatewayDeployment(deployment: Deployment): Manifest {
  const { gateway, engines, scaling, namespace, secretName } = deployment
  const selector = selectorOf(deployment, 'gateway')
  // A gateway is ready when one model answers. Where all engines may be gone it has to be there without any: it wakes them.
  const ready = scaling.scaleToZero && engines.some(({ isScaled }) => isScaled) ? '/health' : '/ready'
  const deadline = Math.max(replacementSeconds(gateway.times), ...engines.map(engineRolloutSeconds))
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: gateway.name, namespace, labels: labelsOf(deployment, selector) },
    spec: {
      replicas: gateway.replicas,
      revisionHistoryLimit: 5,
      // Gateways wait for engines, so they may take as long.
      progressDeadlineSeconds: deadline,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(deployment, selector), ...scrapeAnnotations(deployment, gateway.port) },
        spec: {
          ...podBase(deployment, gateway.name, gateway.times),
          ...spread(selector),
          containers: [
            {
              name: 'gateway',
              image: gateway.image,
              ...containerBase,
              command: ['hadal', 'serve', '--config', configPath],
              ports: [{ name: 'http', containerPort: gateway.port }],
              env: [{ name: 'HOME', value: stateFolder }, ...secretVariables(gateway.secrets, secretName)],
              resources: gateway.resources,
              ...probes({ startup: '/health', ready, live: '/livez' }, gateway.times),
              ...drain(gateway.times),
              volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }, ...scratchMounts],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: configMapName(gateway.name, gateway.config) } },
            ...scratchVolumes,
          ],
        },
      },
    },
  }
}
