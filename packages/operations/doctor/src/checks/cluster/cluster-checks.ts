/** The checks of a cluster. A new one is an entry of one of these tables. */

import type { Check } from '../check.ts'
import { autoscalerChecks } from './autoscalers.ts'
import { endedContainerChecks } from './ended-containers.ts'
import { gpuNodeChecks } from './gpu-nodes.ts'
import { nodeChecks } from './nodes.ts'
import { rolloutChecks } from './rollouts.ts'
import { twoAutoscalerChecks } from './two-autoscalers.ts'
import { unstartedPodChecks } from './unstarted-pods.ts'
import { waitingPodChecks } from './waiting-pods.ts'

export { clusterSources } from './sources.ts'

/**
 * Checks of a cluster, by what its API answers.
 *
 * @example
 * ```ts
 * import { clusterChecks } from '@hadal/doctor'
 *
 * clusterChecks.length > 0 // → true
 * ```
 */
export const clusterChecks: readonly Check[] = [
  ...nodeChecks,
  ...gpuNodeChecks,
  ...waitingPodChecks,
  ...unstartedPodChecks,
  ...endedContainerChecks,
  ...rolloutChecks,
  ...autoscalerChecks,
  ...twoAutoscalerChecks,
]
