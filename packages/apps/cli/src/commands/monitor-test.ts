/**
 * `hadal monitor test`: validates rendered files with the programs that read them, the rules' unit tests, and the metric names of a real
 * server.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { type DeploymentFlags, loadWatched } from '@hadal/cluster'
import { missingMetrics, monitoringFiles, silenceOf } from '@hadal/fleet'
import { targetUnreachable } from '@hadal/load'
import {
  type Check,
  fetchMetrics,
  fileChecks,
  findPrograms,
  type MetricsFlags,
  metricsCheck,
  metricsUrl,
  namesCheck,
  readableFile,
  writeRendered,
} from '@hadal/monitoring'
import type { Terminal } from '@hadal/output'
import { exitCodes, say } from '@hadal/output'

export type MonitorTestFlags = DeploymentFlags & MetricsFlags

/** Throws `monitor_programs_missing`, `target_unreachable`, `monitor_metrics_refused`. */
export async function monitorTest(flags: MonitorTestFlags, terminal: Terminal): Promise<number> {
  const deployment = await loadWatched(flags, terminal)
  const metrics = await liveMetrics(flags, terminal)
  const folder = mkdtempSync(join(tmpdir(), 'hadal-monitor-'))
  try {
    writeRendered(folder, monitoringFiles(deployment))
    const tools = { ...findPrograms(['promtool', 'amtool'], terminal), folder }
    const checks = [
      ...fileChecks(deployment, tools),
      ...(metrics === undefined ? [] : [metricsCheck(metrics, tools)]),
      namesCheck(missingMetrics(deployment, metrics), flags.url),
    ]
    const failed = await runAll(checks, terminal)
    for (const silence of silenceOf(deployment.monitor)) terminal.note(terminal.noteStyle.yellow(silence))
    return failed === 0 ? exitCodes.success : exitCodes.failure
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints each result when it is available. Returns the number of failures. */
async function runAll(checks: readonly Check[], terminal: Terminal): Promise<number> {
  const { green, red } = terminal.style
  let failed = 0
  for (const { name, run } of checks) {
    terminal.status(name)
    const { isOk, said } = await run()
    terminal.status('')
    if (!isOk) failed += 1
    terminal.print(`${isOk ? green(say`ok    `) : red(say`fails `)} ${name}`)
    if (!isOk) terminal.print(said.replace(/^/gm, '         '))
  }
  return failed
}

/** Text of the metrics of the server that is named, if one is. */
async function liveMetrics(flags: MonitorTestFlags, terminal: Terminal): Promise<string | undefined> {
  if (flags.url === undefined) return undefined
  const url = metricsUrl(flags.url, 'hadal monitor test')
  try {
    return await fetchMetrics(url, readableFile(flags.keyFile, terminal))
  } catch (error) {
    if (isHadalError(error)) throw error
    throw targetUnreachable(url, messageOf((error as Error).cause ?? error))
  }
}
