/** `hadal scale status`: leader, replica counts with reasons, and unreliable metrics. */

import { type Clock, parseMillis, systemClock } from '@hadal/base'
import { type ConnectionFlags, connect, type DeploymentFlags, kubeOf, loadDeployment } from '@hadal/cluster'
import { scalerName } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, watchStopSignals } from '@hadal/output'
import { isDeciding, type ReadStatus, statusAt, statusInLease, statusText } from '@hadal/scaling'
import { undecidedCode } from './scale.ts'

export interface ScaleStatusFlags extends DeploymentFlags, ConnectionFlags {
  readonly url?: string
  readonly keyFile?: string
  readonly namespace?: string
  readonly requestTimeout?: string
  readonly json?: boolean
}

/** Throws `scale_unknown`, `scale_status_unreadable`, and errors of the config and the cluster. */
export async function scaleStatus(
  flags: ScaleStatusFlags,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const now = clock.wallClock()
  const status =
    flags.url === undefined
      ? await statusInCluster(flags, terminal, now)
      : await statusAt(flags.url, flags.keyFile)
  const { style, columns } = terminal
  terminal.print(flags.json ? JSON.stringify(status, null, 2) : statusText(status, { now, style, columns }))
  return isDeciding(status) ? exitCodes.success : undecidedCode
}

async function statusInCluster(
  flags: ScaleStatusFlags,
  terminal: Terminal,
  now: number,
): Promise<ReadStatus> {
  const deployment = await loadDeployment(flags, terminal)
  using signals = watchStopSignals()
  using connection = await connect(flags, terminal)
  const kube = kubeOf(connection, parseMillis(flags.requestTimeout ?? '15s'))
  const namespace = flags.namespace ?? deployment.namespace
  return statusInLease(kube, namespace, scalerName(deployment), now, signals.first)
}
