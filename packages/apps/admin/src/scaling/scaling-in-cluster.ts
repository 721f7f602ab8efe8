/** Autoscaling status from the scaler's Lease: leader, replica counts, recent decisions. */

import { connect, kubeOf, loadDeployment } from '@hadal/cluster'
import { scalerName } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import type { ScalingAnswer } from '@hadal/protocol'
import { statusInLease } from '@hadal/scaling'
import type { OfConfig } from '../reading/of-config.ts'

const answerMillis = 10_000

/** Throws `scale_unknown`, and errors of the config and the cluster. */
export async function scalingInCluster({ config }: OfConfig, terminal: Terminal): Promise<ScalingAnswer> {
  const deployment = await loadDeployment({ ...(config !== undefined && { config }) }, terminal)
  using connection = await connect({}, terminal)
  const kube = kubeOf(connection, answerMillis)
  const { namespace, slo } = deployment
  const limit = AbortSignal.timeout(2 * answerMillis)
  const status = await statusInLease(kube, namespace, scalerName(deployment), Date.now(), limit)
  return {
    source: 'cluster',
    hasCluster: true,
    status,
    ...(slo.isDefault !== true && { sloMillis: slo.latencyMillis }),
  }
}
