/** Runs a recipe's exported run: reads the command line, validates everything, and trains with all default subscribers. */

import { spawnSync } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, signalExitCode } from '@hadal/output'
import { getNumThreads, load, setNumThreads } from '@hadal/tensor'
import {
  forecastPrivacy,
  heartbeat,
  type Mesh,
  measurePeakFlops,
  metricsLog,
  openMesh,
  openRecipe,
  parallelDefaults,
  planRun,
  planTechniques,
  progressReporter,
  type RankEnvironment,
  type Run,
  type RunJournal,
  readRankEnvironment,
  runJournal,
  type TrainListener,
  tensorboardLog,
  train,
  wandbLog,
  withInterrupt,
} from '@hadal/train'
import { memoryHere } from './memory-here.ts'
import { answerOf, memoryLines } from './memory-lines.ts'
import { metricsListener } from './metrics/metrics-listener.ts'
import { type MetricsServer, openMetricsServer } from './metrics/metrics-server.ts'
import { planLines } from './plan-lines.ts'
import { privacyLines } from './privacy-lines.ts'
import { layoutLines } from './ranks/layout-lines.ts'
import { hasLauncher, report } from './ranks/rank-report.ts'
import { type RunLine, readRunLine } from './read-run-line.ts'
import type { RecipeJob } from './recipe-process.ts'
import { runTrial } from './trial.ts'

/** Resolves with the exit code. */
export async function execute(
  job: RecipeJob,
  exported: unknown,
  file: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const line = readRunLine(args)
  if (line.asksHelp && job.kind === 'train' && job.help !== undefined)
    return spawnSync(process.execPath, job.help, { stdio: 'inherit' }).status ?? exitCodes.failure
  if (line.said.threads !== undefined) setNumThreads(line.said.threads)
  const place =
    line.dryRun || line.plan || job.kind === 'trial' ? undefined : readRankEnvironment(terminal.env)
  const { run, listeners } = await openRecipe(exported, shown(file, terminal.folder), line)
  if (job.kind === 'trial') return runTrial(run, job)
  if (line.plan) {
    sayMemory(run, line.plan, line.ranks, terminal)
    return exitCodes.success
  }
  if (line.dryRun) {
    const plan = planRun(run)
    const { ranks } = line
    const layout = layoutLines(run, plan, { ranks, memoryBytes: memoryHere() / ranks })
    for (const text of [...planLines(run, plan, getNumThreads()), ...layout]) terminal.print(text)
    return exitCodes.success
  }
  return trainRun(run, listeners, line, place, terminal)
}

function sayMemory(
  run: Run,
  { memoryBytes, json }: NonNullable<RunLine['plan']>,
  ranks: number,
  terminal: Terminal,
): void {
  load()
  const plan = planRun(run)
  const answer = answerOf(plan, memoryBytes ?? memoryHere(), process.memoryUsage.rss(), (room) =>
    planTechniques(run, room, Math.max(2, ranks)),
  )
  const privacy = forecastPrivacy(run)
  if (json) {
    terminal.print(JSON.stringify({ ...answer, ...(privacy && { privacy }) }, null, 2))
    return
  }
  for (const text of memoryLines(run, answer, terminal.style)) terminal.print(text)
  if (privacy) for (const text of ['', ...privacyLines(privacy, terminal.style)]) terminal.print(text)
  const layout = layoutLines(run, plan, { ranks, memoryBytes: memoryBytes ?? memoryHere() / ranks })
  if (layout.length > 0) terminal.print()
  for (const text of layout) terminal.print(text)
}

/** Relative to the working directory if the file is below it. */
function shown(file: string, folder: string): string {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : path
}

/** A launcher hands a signal on at once. */
const handedOnMillis = 1000

/** As a single process, or as the rank given by `place`. */
async function trainRun(
  run: Run,
  listeners: readonly TrainListener[],
  { wandb, metrics }: RunLine,
  place: RankEnvironment | undefined,
  terminal: Terminal,
): Promise<number> {
  const { timeoutSeconds } = { ...parallelDefaults, ...run.parallel }
  await report({ about: 'opened', folder: resolve(run.folder), timeoutSeconds })
  const isFirst = place === undefined || place.rank === 0
  const served = isFirst && metrics ? await openMetricsServer(metrics) : undefined
  let mesh: Mesh | undefined
  const peakFlops = (place?.worldSize ?? 1) * (isFirst ? measurePeakFlops(run.precision) : 0)
  const journal = isFirst ? runJournal(run, { peakFlops }) : undefined
  try {
    mesh = place && (await openMesh(run, place))
    if (served) terminal.note(say`metrics: ${served.url}`)
    const heard = isFirst
      ? [...usualListeners(run, { wandb, served, place, peakFlops, journal }), ...listeners]
      : [progressReporter(process.stderr)]
    const beat = heartbeat((reported) => void report({ about: 'beat', ...reported }))
    const executed = async (signal: AbortSignal): Promise<number> => {
      const { status } = await train(run, { listeners: [beat, ...heard], signal, mesh })
      if (status !== 'interrupted') return exitCodes.success
      // If another rank received the request, its reason is unknown here.
      const { message = 'SIGTERM' } = (signal.reason ?? {}) as Partial<Error>
      return signalExitCode(message as NodeJS.Signals)
    }
    return await withInterrupt(executed, { echoMillis: hasLauncher() ? handedOnMillis : 0 })
  } catch (thrown) {
    journal?.failed(thrown)
    throw thrown
  } finally {
    mesh?.close()
    await served?.close()
  }
}

interface Reported {
  readonly wandb: string | undefined
  readonly served: MetricsServer | undefined
  readonly place: RankEnvironment | undefined
  /** Peak FLOP/s of all ranks; the others are assumed to be as fast as this one. */
  readonly peakFlops: number
  readonly journal: RunJournal | undefined
}

function usualListeners(run: Run, { wandb, served, place, peakFlops, journal }: Reported): TrainListener[] {
  const worldSize = place?.worldSize ?? 1
  const usual: TrainListener[] = [
    metricsLog(join(run.folder, 'metrics.jsonl')),
    ...(journal ? [journal.listener] : []),
    tensorboardLog(join(run.folder, 'tensorboard')),
    progressReporter(process.stderr, { peakFlops }),
  ]
  if (wandb !== undefined) usual.push(wandbLog({ project: wandb, config: plainValues(run), peakFlops }))
  if (served) {
    const epsilonBudget = run.privacy?.epsilon
    const about = { name: run.name, worldSize, restarts: place?.attempt ?? 0 }
    const { publish } = served
    usual.push(
      metricsListener({
        run: { ...about, ...(epsilonBudget !== undefined && { epsilonBudget }) },
        peakFlops,
        publish,
      }),
    )
  }
  return usual
}

/** Settings for comparing runs: everything but weights and data. */
function plainValues({ data: _, startFrom: __, ...run }: Run): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(run)) as Readonly<Record<string, unknown>>
}
