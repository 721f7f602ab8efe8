/** `hadal scale replay`: what `hadal scale` would have done, and others beside it, over a range that was recorded or made up. */

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, parseMillis } from '@hadal/base'
import {
  type DayName,
  type Deployment,
  dayShapes,
  type EnginePlan,
  type LoadRecording,
  readRecording,
  recordedServiceP99,
  recordedWorkload,
  replayScaling,
  type ScalingPolicy,
  scalerPlanOf,
  syntheticDay,
  type Workload,
} from '@hadal/fleet'
import { type DeploymentFlags, loadDeployment } from '../deploy/load-deployment.ts'
import { usage } from '../errors.ts'
import { wholeNumberFlag } from '../number-flags.ts'
import { exitCodes } from '../report-error.ts'
import { tryReportFile, writeReportFile } from '../report-file.ts'
import { comparedScalers } from '../scale/replay/compared-scalers.ts'
import { scaleFileUnreadable } from '../scale/replay/errors.ts'
import { type AssumptionFlags, fleetAssumptions } from '../scale/replay/fleet-assumptions.ts'
import { recordRange } from '../scale/replay/record-range.ts'
import { replayJson } from '../scale/replay/replay-json.ts'
import { replayPage } from '../scale/replay/replay-page.ts'
import { type RangeFlags, type ReplayRange, replayRange } from '../scale/replay/replay-range.ts'
import { type ReplayReport, replayText } from '../scale/replay/replay-text.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'

export interface ScaleReplayFlags extends DeploymentFlags, RangeFlags, AssumptionFlags {
  readonly model?: string
  readonly prometheus?: string
  readonly prometheusTokenFile?: string
  readonly requestTimeout: string
  readonly step?: string
  readonly save?: string
  readonly against?: readonly string[]
  readonly seed?: string
  readonly days?: string
  readonly peak?: string
  readonly replicas?: string
  readonly min?: string
  readonly max?: string
  readonly changes: string
  readonly html?: string
  readonly json?: boolean
}

const command = 'hadal scale replay'

/**
 * Throws `usage`, `invalid_unit`, `scale_file_unreadable`, `scale_recording_invalid`, `scale_recording_empty`, `scale_range_failed`,
 * `report_unwritable`, and as `loadDeployment`.
 */
export async function scaleReplay(
  rangeGiven: string | undefined,
  flags: ScaleReplayFlags,
  terminal: Terminal,
): Promise<number> {
  const range = replayRange(rangeGiven, flags, Date.now())
  const files = [flags.save, flags.html].flatMap((path) =>
    path === undefined ? [] : [resolve(terminal.folder, path)],
  )
  for (const path of files) await tryReportFile(path)
  const deployment = withBounds(await loadDeployment(flags, terminal), flags)
  const engine = engineOf(deployment, flags.model)
  const source = await readSource(range, flags, deployment, engine, terminal)
  const report = reportOf(source, flags, deployment, engine)
  if (flags.save !== undefined && 'recording' in source)
    await writeReportFile(resolve(terminal.folder, flags.save), `${JSON.stringify(source.recording)}\n`)
  if (flags.html !== undefined)
    await writeReportFile(resolve(terminal.folder, flags.html), replayPage(report, version))
  if (flags.json) {
    terminal.print(JSON.stringify(replayJson(report), null, 2))
    return exitCodes.success
  }
  const changes = wholeNumberFlag(flags.changes, '--changes', command)
  terminal.print(replayText(report, terminal.style, Math.min(terminal.columns, 120), changes))
  for (const path of files) terminal.note(terminal.noteStyle.dim(`written: ${path}`))
  return exitCodes.success
}

type Source = { readonly day: DayName } | { readonly recording: LoadRecording }

async function readSource(
  range: ReplayRange,
  flags: ScaleReplayFlags,
  deployment: Deployment,
  engine: EnginePlan,
  terminal: Terminal,
): Promise<Source> {
  if (range.kind !== 'past' && flags.save !== undefined)
    throw usage('--save keeps what a Prometheus says, and none is asked', command)
  if (range.kind === 'day') return { day: range.name }
  const made = (['days', 'peak', 'seed'] as const).filter((flag) => flags[flag] !== undefined)
  if (made.length > 0)
    throw usage(`${made.map((flag) => `--${flag}`).join(', ')}: only made-up days have that`, command)
  if (range.kind === 'file') return { recording: await readFileOf(range.path, terminal) }
  const url = flags.prometheus ?? deployment.monitoring.prometheusUrl
  if (url === undefined) throw usage('which Prometheus? Name it with --prometheus', command)
  const recording = await recordRange(deployment, engine, {
    url: urlOf(url),
    tokenFile:
      flags.prometheusTokenFile === undefined
        ? undefined
        : resolve(terminal.folder, flags.prometheusTokenFile),
    timeoutMillis: timeoutOf(flags),
    signal: new AbortController().signal,
    ...range,
    stepMillis: boundedStep(flags, deployment, range.to - range.from),
    daysBefore: needsHistory(flags, deployment) ? daysBefore : 0,
  })
  return { recording }
}

/** As `hadal scale` looks back: four weeks, and what today is compared by. */
const daysBefore = 29

function timeoutOf({ requestTimeout }: ScaleReplayFlags): number {
  const millis = parseMillis(requestTimeout)
  if (!(millis >= 1 && millis <= 3_600_000)) throw usage('--request-timeout takes up to 1h', command)
  return millis
}

const needsHistory = ({ against = [] }: ScaleReplayFlags, { scaling }: Deployment): boolean =>
  scaling.predict === 'history' || against.includes('hadal:history')

async function readFileOf(path: string, terminal: Terminal): Promise<LoadRecording> {
  const file = resolve(terminal.folder, path)
  const unreadable = (why: string): Error => scaleFileUnreadable(path, why)
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(messageOf(cause))
  })
  // A pipe in its place would be waited for.
  if (!found.isFile()) throw unreadable('it is no file')
  if (found.size > mostFileBytes) throw unreadable('it has more than 256 MiB')
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(messageOf(cause))
  })
  return readRecording(text, path)
}

const mostFileBytes = 256 * 1024 * 1024

function reportOf(
  source: Source,
  flags: ScaleReplayFlags,
  deployment: Deployment,
  engine: EnginePlan,
): ReplayReport {
  const planned = scalerPlanOf(deployment).models.find(({ model }) => model === engine.modelId)!.policy
  const sloMillis = deployment.slo.latencyMillis
  const { model, reasons } = fleetAssumptions(flags, {
    engine,
    startMillis: planned.startMillis,
    sloMillis,
    recordedP99Millis: 'day' in source ? undefined : recordedServiceP99(source.recording),
  })
  const policy = { ...planned, startMillis: model.startMillis }
  const workload =
    'day' in source ? madeUp(source.day, flags, deployment) : recordedWorkload(source.recording, model)
  const replicas = startingReplicas(flags, policy, workload)
  const makers = comparedScalers(flags.against ?? [], policy, workload, deployment, engine)
  return {
    workload,
    about: 'day' in source ? dayShapes[source.day].about : undefined,
    replays: makers.map((make) => replayScaling(make, workload, { model, sloMillis, replicas })),
    assumptions: reasons,
    sloMillis,
    isSloDefault: deployment.slo.isDefault === true,
  }
}

/** Of all engines that are allowed, where nothing is said: enough to see them come and go. */
const usualPeakShare = 0.55

function madeUp(name: DayName, flags: ScaleReplayFlags, deployment: Deployment): Workload {
  const peak = flags.peak === undefined ? usualPeakShare * deployment.scaling.maxReplicas : Number(flags.peak)
  if (!(peak > 0 && peak <= 1e6)) throw usage('--peak takes a number of engines above 0', command)
  const days = flags.days === undefined ? undefined : wholeNumberFlag(flags.days, '--days', command)
  if (days !== undefined && days > 366) throw usage('--days takes 366 at most', command)
  const seed = flags.seed === undefined ? 1 : wholeNumberFlag(flags.seed, '--seed', command)
  const length = (days ?? dayShapes[name].days) * 86_400_000
  return syntheticDay(name, { seed, peak, days, stepMillis: boundedStep(flags, deployment, length) })
}

/** As many as the first step keeps busy, where nothing is recorded. */
function startingReplicas(
  { replicas }: ScaleReplayFlags,
  { minReplicas, maxReplicas, highPercent }: ScalingPolicy,
  workload: Workload,
): number {
  if (replicas !== undefined) return wholeNumberFlag(replicas, '--replicas', command)
  const needed = Math.ceil(((workload.load[0] ?? 0) * 100) / highPercent)
  return workload.replicas ?? Math.min(maxReplicas, Math.max(minReplicas, needed))
}

/** A year of steps of 30 s: what a recording may have at the most. */
const mostSteps = 1_100_000

function boundedStep({ step }: ScaleReplayFlags, { scaling }: Deployment, lengthMillis: number): number {
  const millis = Math.round(step === undefined ? scaling.checkIntervalMillis : parseMillis(step))
  if (!(millis >= 1000 && millis <= 3_600_000)) throw usage('--step takes from 1s to 1h', command)
  if (lengthMillis / millis > mostSteps)
    throw usage(`these are ${Math.round(lengthMillis / millis)} steps: take a longer --step`, command)
  return millis
}

function withBounds(deployment: Deployment, { min, max }: ScaleReplayFlags): Deployment {
  const { scaling } = deployment
  const minReplicas = min === undefined ? scaling.minReplicas : Number(min)
  const maxReplicas = max === undefined ? scaling.maxReplicas : wholeNumberFlag(max, '--max', command)
  if (!(Number.isSafeInteger(minReplicas) && minReplicas >= 0 && minReplicas <= maxReplicas))
    throw usage(`--min takes a whole number from 0 to ${maxReplicas}, not ${min ?? minReplicas}`, command)
  const scaleToZero = min === undefined ? scaling.scaleToZero : minReplicas === 0
  return { ...deployment, scaling: { ...scaling, minReplicas, maxReplicas, scaleToZero } }
}

function engineOf({ engines }: Deployment, model: string | undefined): EnginePlan {
  const names = engines.map(({ modelId }) => modelId).join(', ')
  const found = model === undefined ? engines : engines.filter(({ modelId }) => modelId === model)
  if (found.length === 1) return found[0]!
  throw usage(
    model === undefined
      ? `which model? Name one with --model: ${names}`
      : `no model ${model} is served: ${names}`,
    command,
  )
}

function urlOf(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw usage(`--prometheus takes a URL as http://127.0.0.1:9090, not ${text}`, command)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usage('--prometheus takes http or https', command)
  return text
}
