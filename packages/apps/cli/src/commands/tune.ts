/** `hadal tune`: benchmarks a service on this machine, searches for settings that meet its SLO, and writes them. */

import { resolve } from 'node:path'
import { parseMillis } from '@hadal/base'
import type { SimulatedRequest, Slo } from '@hadal/batching'
import { loadConfigFile, type Service } from '@hadal/config'
import { type ModelAbilities, modelUnfit } from '@hadal/engine'
import type { Knobs, TuneReport } from '@hadal/load'
import {
  configBlock,
  describeSlo,
  describeTraffic,
  isUnkept,
  newConfig,
  newConfigFile,
  startEngineWith,
  type TrafficFlags,
  trafficOf,
  tuneHtml,
  tuneProgress,
  tuneService,
  tuneText,
  type UnderTest,
  whole,
  writeConfig,
} from '@hadal/load'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  recognise,
  type StopSignals,
  say,
  tryReportFile,
  usage,
  watchStopSignals,
  writeReportFile,
} from '@hadal/output'
import type { StartEngine } from '@hadal/service'
import { loadSettings, saidSettings, version } from '@hadal/service'
import type { Command } from 'commander'
import { findModels } from '../find-models.ts'
import { startLlama } from '../start-engine.ts'

export interface TuneFlags extends Omit<TrafficFlags, 'embedShare'> {
  readonly embedShare?: string
  readonly threadsTried?: string
  readonly validate: string
  readonly validateFor: string
  readonly write?: boolean
  readonly progress?: 'json'
  readonly costs?: string
  readonly json?: string
  readonly html?: string
}

const command = 'hadal tune'
/** Used if the config has no SLO. */
const defaultSloMillis = 500

export async function tune(
  parsed: Command,
  terminal: Terminal,
  startEngine: StartEngine = startLlama,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const flags = parsed.opts<TuneFlags>()
  const settings = await loadSettings(parsed, terminal)
  const service = settings.values
  const said = saidSettings(settings)
  for (const path of [flags.json, flags.html, flags.costs])
    if (path !== undefined) await tryReportFile(resolve(terminal.folder, path))
  const model = await findModels(service, terminal, stop.first)
  // Nothing after this can be corrupted by a signal.
  stop[Symbol.dispose]()
  if (model.hasTowers === true)
    throw modelUnfit(
      model.path,
      say`tuning requires text generation, which CLIP models do not support`,
      say`Set maxBatchSize and timeoutMicros by hand; measure them with \`npm run bench image-text-serving\`.`,
    )
  if (model.isOnnx === true)
    throw modelUnfit(
      model.path,
      say`tuning requires text generation, which ONNX models do not support`,
      say`Set maxBatchSize and timeoutMicros by hand; measure them with \`npm run bench onnx\`.`,
    )
  const test: UnderTest = { model, service, said, startEngine }
  const { start, can } = await inspect(test)
  const all = await tunedTraffic(flags, can, terminal)
  const traffic = all.filter((request) => request.promptTokens + request.outputTokens <= start.contextLength)
  if (traffic.length < all.length)
    terminal.note(
      say`${all.length - traffic.length} of ${all.length} requests exceed ${start.contextLength} tokens and were skipped`,
    )
  if (traffic.length === 0)
    throw usage(say`no request of the traffic fits into ${start.contextLength} tokens`, command)
  const slo = sloOf(service, traffic)
  terminal.note(`${recognise(describeSlo(slo))}; ${recognise(describeTraffic(flags))}`)
  const notify = flags.progress === undefined ? undefined : tuneProgress(terminal)
  const validated = whole(flags.validate, '--validate', 0, command)
  notify?.begin({ model: model.id ?? model.path, start, slo, requests: traffic.length, validated })
  const report = await tuneService(
    {
      test,
      start,
      threads: threadsTried(flags, start.threads),
      traffic,
      slo,
      validated,
      validationMillis: parseMillis(flags.validateFor),
    },
    {
      ...notify?.observer,
      onPhase(phase, text) {
        terminal.note(terminal.noteStyle.dim(recognise(text)))
        notify?.observer.onPhase?.(phase, text)
      },
    },
  )
  const file = await loadConfigFile(
    terminal.folder,
    parsed.opts().config ?? (terminal.env.HADAL_CONFIG || undefined),
  )
  return deliver(report, test, flags, file?.path, terminal)
}

async function deliver(
  report: TuneReport,
  { model }: UnderTest,
  flags: TuneFlags,
  configPath: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const { knobs } = report.best
  const { style, folder } = terminal
  if (flags.progress === undefined) {
    terminal.print(tuneText(report, style))
    terminal.print()
    terminal.print(configBlock({ ...knobs }))
  }
  if (flags.costs !== undefined) {
    const costs = report.costs.find(({ threads }) => threads === knobs.threads)
    await writeReportFile(resolve(folder, flags.costs), `${JSON.stringify(costs, null, 2)}\n`)
  }
  if (flags.json !== undefined)
    await writeReportFile(resolve(folder, flags.json), `${JSON.stringify(report, null, 2)}\n`)
  if (flags.html !== undefined)
    await writeReportFile(resolve(folder, flags.html), tuneHtml(report, model.id ?? model.path, version))
  if (flags.write && isUnkept(report))
    terminal.note(
      say`not written to ${configPath ?? newConfigFile}: no settings met the SLO under real load. Tune again on an idle machine, or with --validate 0`,
    )
  else if (flags.write) {
    if (configPath === undefined)
      await writeReportFile(resolve(folder, newConfigFile), newConfig({ ...knobs }))
    else await writeConfig(folder, configPath, { ...knobs })
    terminal.note(say`written to ${configPath ?? newConfigFile}`)
  }
  return exitCodes.success
}

/** Current settings and capabilities, including the engine's own choices. */
async function inspect(test: UnderTest): Promise<{ readonly start: Knobs; readonly can: ModelAbilities }> {
  const { service, said } = test
  await using engine = await startEngineWith(test, {})
  const chosen = /^threads: (\d+)/.exec(engine.choices.find((line) => line.startsWith('threads:')) ?? '')
  const start: Knobs = {
    maxBatchSize: service.maxBatchSize,
    maxBatchTokens: service.maxBatchTokens,
    maxPrefillTokensWhileDecoding: service.maxPrefillTokensWhileDecoding,
    timeoutMicros: service.timeoutMicros,
    threads: said.threads ?? Number(chosen?.[1] ?? 1),
    contextLength: engine.model.contextLength,
    speculation: said.speculation === 'off' ? 'off' : 'auto',
  }
  return { start, can: engine.model.can }
}

/** Up to the engine's default; always includes the current number as the baseline. */
function threadsTried({ threadsTried: list }: TuneFlags, now: number): number[] {
  const others = list?.split(',').map((text) => whole(text, '--threads-tried', 1, command))
  return [...new Set([...(others ?? [Math.max(1, now >> 1)]), now])]
}

/** Traffic the service supports; half embeddings if it does both and nothing is specified. */
async function tunedTraffic(
  flags: TuneFlags,
  can: ModelAbilities,
  terminal: Terminal,
): Promise<SimulatedRequest[]> {
  const usual = !can.embed ? '0' : can.generate ? '0.5' : '1'
  const { embedShare = usual } = flags
  return [...(await trafficOf({ ...flags, embedShare }, terminal.folder, command))]
}

function sloOf({ sloTtftMillis, sloItlMillis }: Service, traffic: readonly SimulatedRequest[]): Slo {
  const millis = sloTtftMillis ?? defaultSloMillis
  const has = (kind: SimulatedRequest['kind']): boolean => traffic.some((request) => request.kind === kind)
  return {
    ...(has('generate') && { ttftMillis: millis }),
    ...(has('generate') && sloItlMillis !== undefined && { itlMillis: sloItlMillis }),
    ...(has('embed') && { embedMillis: millis }),
  }
}
