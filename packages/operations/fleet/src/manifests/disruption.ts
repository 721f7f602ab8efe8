/**
 * PodDisruptionBudgets: a node drain may evict one pod at a time. `maxUnavailable` rather than `minAvailable`, which one replica
 * cannot satisfy: the drain would block forever. Unready pods may always be evicted.
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
