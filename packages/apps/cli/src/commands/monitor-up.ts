/**
 * `hadal monitor up`: runs Prometheus and Alertmanager locally with the config's rules against a local server, and prints firing and
 * resolved alerts until a signal.
 */

import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatBytes, isHadalError, parseMillis } from '@hadal/base'
import { type DeploymentFlags, loadWatched } from '@hadal/cluster'
import { type Deployment, localStack, type ScrapeTarget, silenceOf } from '@hadal/fleet'
import {
  fetchMetrics,
  findPrograms,
  freePort,
  inspect,
  isFiring,
  isWell,
  type Look,
  loopbackFlag,
  type MetricsFlags,
  metricsUrl,
  newsOf,
  newsText,
  portFlag,
  RunningStack,
  readableFile,
  StateFolder,
  settled,
  stateFolder,
  statusText,
} from '@hadal/monitoring'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  formatTable,
  type StopSignals,
  say,
  signalExitCode,
  watchStopSignals,
} from '@hadal/output'

export interface MonitorUpFlags extends DeploymentFlags, MetricsFlags {
  readonly url: string
  readonly caFile?: string
  readonly gpuUrl?: string
  readonly also?: readonly string[]
  readonly listen?: string
  readonly port?: string
  readonly alertmanagerPort?: string
  readonly state?: string
  readonly retention: string
  readonly once?: boolean
}

const command = 'hadal monitor up'
/** Less room on the disk is worth a word. */
const littleBytes = 256 * 1024 * 1024
/** Prometheus writes pages of 32 KiB. */
const fullBytes = 128 * 1024
const pollMillis = 1000

/** Exit code if something is down or firing. */
export const notWell = 3

export async function monitorUp(
  flags: MonitorUpFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const host = loopbackFlag(flags.listen ?? '127.0.0.1')
  const [requested, alertmanagerRequested] = [
    portFlag(flags.port, '--port', command),
    portFlag(flags.alertmanagerPort, '--alertmanager-port', command),
  ]
  const retentionMillis = parseMillis(flags.retention)
  const deployment = await loadWatched(flags, terminal)
  const programs = findPrograms(['prometheus', 'alertmanager'], terminal)
  const targets = targetsOf(flags, deployment.name, terminal)
  await tryTarget(targets[0]!, terminal)

  using folder = new StateFolder(stateFolder(flags.state, deployment.name, terminal))
  const left = await folder.endLeftovers()
  if (left > 0)
    terminal.note(
      say`stopped ${left === 1 ? 'a program' : say`${left} programs`} left over from a killed run`,
    )
  const port = await freePort(host, { requested, usual: 9090, flag: '--port' })
  const alertmanagerWish = { requested: alertmanagerRequested, usual: 9093, flag: '--alertmanager-port' }
  const [prometheus, alertmanager] = [
    `${host}:${port}`,
    `${host}:${await freePort(host, alertmanagerWish, port)}`,
  ]
  const place = {
    folder: folder.path,
    targets,
    hasGpus: flags.gpuUrl !== undefined,
    prometheus,
    alertmanager,
    retentionMillis,
  }
  const stack = localStack(deployment, place)
  folder.write(stack.files)
  const [prometheusUrl, alertmanagerUrl] = [`http://${prometheus}`, `http://${alertmanager}`]
  const onNews = (text: string): void => terminal.note(terminal.noteStyle.yellow(text))
  try {
    terminal.status(say`starting Prometheus and Alertmanager`)
    const plan = { stack, folder, programs, prometheusUrl, alertmanagerUrl, onNews }
    await using running = await RunningStack.start(plan, terminal, stop.first)
    terminal.print(whereText(plan, deployment, terminal))
    warnOfDisk(folder, terminal)
    warnOfFiles(deployment, terminal)
    terminal.status(say`waiting for the first scrape`)
    const { scrapeIntervalMillis, evaluationIntervalMillis = 0 } = deployment.monitor
    // Prometheus takes five seconds to discover its targets.
    const maxMillis = 15_000 + Math.max(scrapeIntervalMillis, evaluationIntervalMillis)
    const first = await Promise.race([running.failed, firstLook(prometheusUrl, maxMillis, stop.first)])
    terminal.status('')
    terminal.print(`\n${statusText(first, terminal.style)}`)
    if (flags.once) return isWell(first) ? exitCodes.success : notWell
    await watch(running, prometheusUrl, folder, first, terminal, stop.first)
    terminal.note(say`${stop.first.reason}: stopping Prometheus and Alertmanager`)
    return exitCodes.success
  } catch (error) {
    // Stopped before it was ready.
    if (stop.first.aborted && error === stop.first.reason) return signalExitCode(stop.first.reason)
    throw error
  }
}

/** The server first. Throws `usage`, `monitor_key_file_unreadable`. */
function targetsOf(flags: MonitorUpFlags, job: string, terminal: Terminal): readonly ScrapeTarget[] {
  const [keyFile, caFile] = [flags.keyFile, flags.caFile].map((path) => readableFile(path, terminal))
  const also = (flags.also ?? []).map((given) => {
    const url = metricsUrl(given, command)
    return { job: new URL(url).host, url }
  })
  const gpus = flags.gpuUrl === undefined ? [] : [{ job: 'dcgm', url: metricsUrl(flags.gpuUrl, command) }]
  return [{ job, url: metricsUrl(flags.url, command), keyFile, caFile }, ...gpus, ...also]
}

/** A target that is not up yet is a note; anything else is an error. Targets with custom certificates are left to Prometheus. */
async function tryTarget({ url, keyFile, caFile }: ScrapeTarget, terminal: Terminal): Promise<void> {
  if (caFile !== undefined) return
  try {
    await fetchMetrics(url, keyFile)
  } catch (error) {
    if (isHadalError(error)) throw error
    terminal.note(say`no server at ${url} yet; start one with \`hadal serve\``)
  }
}

function whereText(
  {
    prometheusUrl,
    alertmanagerUrl,
    folder,
  }: { prometheusUrl: string; alertmanagerUrl: string; folder: StateFolder },
  { monitor }: Deployment,
  { style }: Terminal,
): string {
  const reported = monitor.receivers.map(({ name }) => name).join(', ')
  const silence = silenceOf(monitor)
  const rows = [
    ['Prometheus', style.cyan(prometheusUrl), style.dim(say`graphs, targets, rules`)],
    [
      'Alertmanager',
      style.cyan(alertmanagerUrl),
      silence.length > 0 ? style.yellow(silence.join('; ')) : style.dim(say`notifies ${reported}`),
    ],
    [say`folder`, folder.path, style.dim(say`rules, dashboards, runbooks, logs, data`)],
    ['Grafana', `GF_PATHS_PROVISIONING=${folder.path}/grafana`, style.dim(say`or import dashboards/*.json`)],
  ]
  return formatTable(rows, ['left', 'left', 'left'])
}

/** When every target was read and every rule evaluated, or time is up. */
async function firstLook(url: string, maxMillis: number, signal: AbortSignal): Promise<Look> {
  const until = performance.now() + maxMillis
  for (;;) {
    const look = await inspect(url, signal).catch((error: unknown) => {
      if (performance.now() > until) throw error
      return undefined
    })
    // Alerts on targets not scraped before the first evaluation are pending.
    if (look !== undefined && (look.isWhole || performance.now() > until))
      return { ...look, alerts: look.alerts.filter(isFiring) }
    await pause(signal)
    signal.throwIfAborted()
  }
}

/** Until the signal. Throws `monitor_program_ended`. */
async function watch(
  running: RunningStack,
  url: string,
  folder: StateFolder,
  first: Look,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let before = first
  let isFull = false
  for (;;) {
    await Promise.race([running.failed, pause(signal)])
    if (signal.aborted) return
    const wasFull = isFull
    // Logs are on the same disk, and may not have it.
    isFull = running.hasDiskFilled() || (folder.freeBytes() ?? littleBytes) < fullBytes
    if (isFull && !wasFull)
      terminal.note(
        terminal.noteStyle.red(
          say`the disk of ${folder.path} is full: no data is stored until space is freed`,
        ),
      )
    // No response while it restarts.
    const look = await inspect(url, signal).catch(() => undefined)
    if (look === undefined || !look.isWhole) continue
    const now = settled(before, look)
    for (const news of newsOf(before, now)) terminal.print(newsText(news, new Date(), terminal.style))
    before = now
    terminal.status(statusLine(now))
  }
}

function statusLine({ targets, alerts }: Look): string {
  const up = targets.filter(({ health }) => health === 'up').length
  const firing = alerts.filter(isFiring).length
  const pending = alerts.length - firing
  return say`${up} of ${targets.length} targets up, ${firing} alerts firing, ${pending} pending; Ctrl-C stops it`
}

function warnOfDisk(folder: StateFolder, { note, noteStyle }: Terminal): void {
  const free = folder.freeBytes()
  if (free !== undefined && free < littleBytes)
    note(noteStyle.yellow(say`only ${formatBytes(free)} of free space for data in ${folder.path}`))
}

/** Alertmanager starts without them and fails on the first notification. */
function warnOfFiles({ monitor }: Deployment, { note, noteStyle }: Terminal): void {
  for (const { name, webhookFile, slackUrlFile, pagerdutyKeyFile, email } of monitor.receivers) {
    const passwordFile = email === undefined ? undefined : monitor.smtp?.passwordFile
    for (const path of [webhookFile, slackUrlFile, pagerdutyKeyFile, passwordFile])
      if (path !== undefined && !existsSync(path))
        note(noteStyle.yellow(say`${name} cannot be notified: ${path} does not exist`))
  }
}

/** Ends early on a signal. */
async function pause(signal: AbortSignal): Promise<void> {
  await sleep(pollMillis, undefined, { signal }).catch(() => {})
}
