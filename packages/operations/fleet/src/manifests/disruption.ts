/**
 * How many pods a drain of nodes may take at a time: one. Never "so many must stay", which one replica cannot keep: the
 * drain would wait for ever. Pods that are not ready anyway may always go.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import type { Labels } from './labels.ts'

export interface Budgeted {
  readonly name: string
  readonly labels: Labels
  readonly selector: Labels
}

export function disruptionBudget({ namespace }: Deployment, { name, labels, selector }: Budgeted): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace, labels },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selector },
    },
  }
}
