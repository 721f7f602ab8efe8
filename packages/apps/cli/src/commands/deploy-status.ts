/** `hadal deploy status`: the state of a deployment, and why workloads are not running. */

import { type Clock, parseMillis, systemClock } from '@hadal/base'
import type { KubeClient } from '@hadal/cluster'
import {
  type ClusterFlags,
  isPassing,
  isReady,
  openCluster,
  rolloutNotFound,
  statusOf,
  statusText,
  type WantedManifests,
  type WorkloadStatus,
  wantedManifests,
} from '@hadal/cluster'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, watchStopSignals } from '@hadal/output'
import { interruptedCode } from './deploy-apply.ts'
import { refusedCode } from './deploy-plan.ts'

export interface DeployStatusFlags extends ClusterFlags {
  readonly watch?: boolean
  readonly json?: boolean
  readonly poll?: string
}

/** Throws `rollout_not_found` and client errors. */
export async function deployStatus(
  flags: DeployStatusFlags,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const wanted = await wantedManifests(flags, terminal, 'hadal deploy status')
  using signals = watchStopSignals()
  using client = await openCluster(flags, terminal, signals.first)
  const place = wanted.namespace ?? client.namespace
  const pollMillis = parseMillis(flags.poll ?? '1s')
  let last = ''
  let isSilent = false
  while (true) {
    let workloads: WorkloadStatus[]
    try {
      workloads = await readStatus(client, place, wanted)
    } catch (thrown) {
      if (signals.first.aborted) return interruptedCode(signals.first)
      if (!flags.watch || last === '' || !isPassing(thrown)) throw thrown
      if (!isSilent) terminal.note(say`the API server is not responding; still watching`)
      isSilent = true
      await clock.sleep(pollMillis, signals.first).catch(() => undefined)
      continue
    }
    isSilent = false
    const text = flags.json
      ? JSON.stringify(workloads, null, 2)
      : statusText(workloads, clock.wallClock(), terminal.style, terminal.columns)
    const isAllReady = workloads.every(isReady)
    // Ages change all the time, and are no news.
    const news = JSON.stringify(workloads)
    if (news !== last) terminal.print(last === '' || flags.json ? text : `\n${text}`)
    last = news
    if (!flags.watch || isAllReady) return isAllReady ? exitCodes.success : refusedCode
    await clock.sleep(pollMillis, signals.first).catch(() => undefined)
    if (signals.first.aborted) return interruptedCode(signals.first)
  }
}

async function readStatus(
  client: KubeClient,
  namespace: string,
  wanted: WantedManifests,
): Promise<WorkloadStatus[]> {
  const workloads = await statusOf(client, namespace, wanted)
  if (workloads.length === 0) throw rolloutNotFound(wanted.instance ?? say`these manifests`, namespace)
  return workloads
}
