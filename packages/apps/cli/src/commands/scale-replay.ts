/** `hadal scale replay`: compares `hadal scale` with other policies on a recorded or synthetic time range. */

import { resolve } from 'node:path'
import { type DeploymentFlags, loadDeployment } from '@hadal/cluster'
import {
  type DayName,
  type Deployment,
  dayShapes,
  type EnginePlan,
  recordedServiceP99,
  recordedWorkload,
  replayScaling,
  type ScalingPolicy,
  scalerPlanOf,
  syntheticDay,
  type Workload,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, tryReportFile, usage, wholeNumberFlag, writeReportFile } from '@hadal/output'
import {
  type AssumptionFlags,
  boundedStep,
  comparedScalers,
  fleetAssumptions,
  forecasts,
  type RangeFlags,
  type ReplayReport,
  readSource,
  replayJson,
  replayPage,
  replayRange,
  replayText,
  type Source,
  type SourceFlags,
} from '@hadal/scaling'
import { version } from '@hadal/service'

export interface ScaleReplayFlags extends DeploymentFlags, RangeFlags, AssumptionFlags, SourceFlags {
  readonly model?: string
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
  for (const path of files) terminal.note(terminal.noteStyle.dim(say`written: ${path}`))
  return exitCodes.success
}

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
  const load =
    'day' in source ? madeUp(source.day, flags, deployment) : recordedWorkload(source.recording, model)
  const isNew = load.history.length === 0 && forecasts(flags, deployment)
  const workload = isNew ? { ...load, notes: [...load.notes, noHistory] } : load
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

const noHistory =
  'nothing is known of the days before: forecasts have nothing to go by until a day of the range is over'

/** Default peak load as a fraction of all allowed engines: enough to see them scale. */
const usualPeakShare = 0.55

function madeUp(name: DayName, flags: ScaleReplayFlags, deployment: Deployment): Workload {
  const peak = flags.peak === undefined ? usualPeakShare * deployment.scaling.maxReplicas : Number(flags.peak)
  if (!(peak > 0 && peak <= 1e6)) throw usage(say`--peak must be a positive number of engines`, command)
  const days = flags.days === undefined ? undefined : wholeNumberFlag(flags.days, '--days', command)
  if (days !== undefined && days > 366) throw usage(say`--days must be at most 366`, command)
  const seed = flags.seed === undefined ? 1 : wholeNumberFlag(flags.seed, '--seed', command)
  const length = (days ?? dayShapes[name].days) * 86_400_000
  return syntheticDay(name, { seed, peak, days, stepMillis: boundedStep(flags, deployment, length) })
}

/** The number the first step keeps busy, if nothing is recorded. */
function startingReplicas(
  { replicas }: ScaleReplayFlags,
  { minReplicas, maxReplicas, highPercent }: ScalingPolicy,
  workload: Workload,
): number {
  if (replicas !== undefined) return wholeNumberFlag(replicas, '--replicas', command)
  const needed = Math.ceil(((workload.load[0] ?? 0) * 100) / highPercent)
  return workload.replicas ?? Math.min(maxReplicas, Math.max(minReplicas, needed))
}

function withBounds(deployment: Deployment, { min, max }: ScaleReplayFlags): Deployment {
  const { scaling } = deployment
  const minReplicas = min === undefined ? scaling.minReplicas : Number(min)
  const maxReplicas = max === undefined ? scaling.maxReplicas : wholeNumberFlag(max, '--max', command)
  if (!(Number.isSafeInteger(minReplicas) && minReplicas >= 0 && minReplicas <= maxReplicas))
    throw usage(
      say`--min must be a whole number from 0 to ${maxReplicas}, not ${min ?? minReplicas}`,
      command,
    )
  const scaleToZero = min === undefined ? scaling.scaleToZero : minReplicas === 0
  return { ...deployment, scaling: { ...scaling, minReplicas, maxReplicas, scaleToZero } }
}

function engineOf({ engines }: Deployment, model: string | undefined): EnginePlan {
  if (engines.length === 0) throw usage(say`the service runs no model itself: nothing to scale`, command)
  const names = engines.map(({ modelId }) => modelId).join(', ')
  const found = model === undefined ? engines : engines.filter(({ modelId }) => modelId === model)
  if (found.length === 1) return found[0]!
  throw usage(
    model === undefined
      ? say`several models: select one with --model: ${names}`
      : say`model ${model} is not served; models are ${names}`,
    command,
  )
}
