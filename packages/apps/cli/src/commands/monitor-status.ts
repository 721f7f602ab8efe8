/** `hadal monitor status`: the current state of a running `hadal monitor up`. */

import { type DeploymentFlags, loadWatched } from '@hadal/cluster'
import {
  isAlive,
  isWell,
  inspect,
  statusText,
  monitorNotAnswering,
  monitorNotRunning,
  readRunning,
  stateFolder,
  suppressedAlerts,
} from '@hadal/monitoring'
import type { Terminal } from '@hadal/output'
import { exitCodes, say } from '@hadal/output'
import { notWell } from './monitor-up.ts'

export interface MonitorStatusFlags extends DeploymentFlags {
  readonly state?: string
  readonly json?: boolean
}

/** Throws `monitor_not_running`, `monitor_not_answering`. */
export async function monitorStatus(flags: MonitorStatusFlags, terminal: Terminal): Promise<number> {
  // A folder that is named needs no config.
  const name = flags.state === undefined ? (await loadWatched(flags, terminal)).name : ''
  const folder = stateFolder(flags.state, name, terminal)
  const running = readRunning(folder)
  if (running === undefined || !isAlive(running)) throw monitorNotRunning(folder)
  const { prometheusUrl, alertmanagerUrl, pid } = running
  const orNotAnswering = (url: string, log: string) => (error: unknown) => {
    throw monitorNotAnswering(url, `${folder}/${log}`).with({ cause: error })
  }
  const [look, suppressed] = await Promise.all([
    inspect(prometheusUrl).catch(orNotAnswering(prometheusUrl, 'prometheus.log')),
    suppressedAlerts(alertmanagerUrl).catch(orNotAnswering(alertmanagerUrl, 'alertmanager.log')),
  ])
  if (flags.json)
    terminal.print(JSON.stringify({ pid, prometheusUrl, alertmanagerUrl, ...look, suppressed }, null, 2))
  else {
    terminal.print(statusText(look, terminal.style))
    if (suppressed > 0) terminal.print(say`\n${suppressed} of them not notified: silenced or inhibited`)
    terminal.print(terminal.style.dim(say`\n${prometheusUrl}  ${alertmanagerUrl}  process ${pid}`))
  }
  return isWell(look) ? exitCodes.success : notWell
}
