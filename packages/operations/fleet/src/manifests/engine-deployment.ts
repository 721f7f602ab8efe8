/** Engines of one node each. */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { enginePodTemplate } from './engine-pod.ts'
import { engineRolloutSeconds, engineStrategy } from './engine-rollout.ts'
import { engineLabelsOf, engineSelectorOf } from './labels.ts'

export function engineDeployment(deployment: Deployment, engine: EnginePlan): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: engine.name,
      namespace: deployment.namespace,
      labels: engineLabelsOf(deployment, engine),
    },
    spec: {
      // Applying a number again would undo what an autoscaler did.
      ...(!engine.isScaled && { replicas: engine.replicas }),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: engineRolloutSeconds(engine),
      selector: { matchLabels: engineSelectorOf(deployment, engine) },
      strategy: engineStrategy(deployment, engine),
      template: enginePodTemplate(deployment, engine),
    },
  }
}
