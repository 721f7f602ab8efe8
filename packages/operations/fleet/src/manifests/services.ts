/** Services: one address for the gateways; individual addresses of engines, among which gateways choose. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { leaderLabel } from './engine-group.ts'
import { engineLabelsOf, engineSelectorOf, labelsOf, selectorOf } from './labels.ts'

export function gatewayService(deployment: Deployment): Manifest {
  const { name, namespace, gateway } = deployment
  const selector = selectorOf(deployment, 'gateway')
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: labelsOf(deployment, selector) },
    spec: { selector, ports: [{ name: 'http', port: gateway.port, targetPort: 'http' }] },
  }
}

/** Headless: a gateway routes by prompt prefix, a Service does not. */
export function engineService(deployment: Deployment, engine: EnginePlan): Manifest {
  const selector = engineSelectorOf(deployment, engine)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: engine.name,
      namespace: deployment.namespace,
      labels: engineLabelsOf(deployment, engine),
    },
    spec: {
      clusterIP: 'None',
      selector: { ...selector, ...(engine.nodes > 1 && leaderLabel) },
      ports: [{ name: 'http', port: engine.port, targetPort: 'http' }],
    },
  }
}
