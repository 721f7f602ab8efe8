/** Scaling policy for replicas on this machine: the service's settings within the machine's capacity. Pure. */

import type { Service } from '@hadal/config'
import { type ScalingPolicy, scalingPolicyOf } from '@hadal/fleet'
import type { ReplicasPlan } from './plan-replicas.ts'
import { latencyWindowMillis } from './recent-latencies.ts'

/**
 * Sleep is the server's: it unloads an idle model. And the default SLO is no reason for more replicas: an answer of many
 * tokens exceeds it with any number of processes.
 */
export function localPolicy(
  { scaling, slo }: Pick<Service, 'scaling' | 'slo'>,
  { least, most }: ReplicasPlan,
  { isPromised, startMillis }: { readonly isPromised: boolean; readonly startMillis: number },
): ScalingPolicy {
  const bounds = { minReplicas: least, maxReplicas: most, scaleToZero: false }
  const policy = {
    ...scalingPolicyOf({ scaling: { ...scaling, ...bounds }, slo }, startMillis),
    latencyWindowMillis,
  }
  return isPromised ? policy : { ...policy, latencyMillis: undefined }
}
