/** Carries out the run that a recipe exports: reads the command line, checks everything, and trains with all usual listeners. */

import { join, relative } from 'node:path'
import { getNumThreads, setNumThreads } from '@hadal/tensor'
import {
  measurePeakFlops,
  metricsLog,
  openRecipe,
  planRun,
  progressReporter,
  type Run,
  type TrainListener,
  tensorboardLog,
  train,
  wandbLog,
  withInterrupt,
} from '@hadal/train'
import { createProgram } from '../program.ts'
import { exitCodes } from '../report-error.ts'
import { signalExitCode } from '../stop-signals.ts'
import type { Terminal } from '../terminal.ts'
import { planLines } from './plan-lines.ts'
import { type RunLine, readRunLine } from './read-run-line.ts'
import type { RecipeJob } from './recipe-process.ts'
import { runTrial } from './trial.ts'

/** Resolves with the exit code. */
export async function carryOut(
  job: RecipeJob,
  exported: unknown,
  file: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const line = readRunLine(args)
  if (line.asksHelp) return help(terminal)
  if (line.said.threads !== undefined) setNumThreads(line.said.threads)
  const { run, listeners } = await openRecipe(exported, shown(file, terminal.folder), line)
  if (job.kind === 'trial') return runTrial(run, job)
  if (line.dryRun) {
    for (const text of planLines(run, planRun(run), getNumThreads())) terminal.print(text)
    return exitCodes.success
  }
  return trainRun(run, listeners, line)
}

/** From the folder that the command runs in, where it is below it. */
function shown(file: string, folder: string): string {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : path
}

async function trainRun(run: Run, listeners: readonly TrainListener[], { wandb }: RunLine): Promise<number> {
  const peakFlops = measurePeakFlops(run.precision)
  const usual: TrainListener[] = [
    metricsLog(join(run.folder, 'metrics.jsonl')),
    tensorboardLog(join(run.folder, 'tensorboard')),
    progressReporter(process.stderr, { peakFlops }),
  ]
  if (wandb !== undefined) usual.push(wandbLog({ project: wandb, config: plainValues(run), peakFlops }))
  return withInterrupt(async (signal) => {
    const { status } = await train(run, { listeners: [...usual, ...listeners], signal })
    if (status !== 'interrupted') return exitCodes.success
    return signalExitCode((signal.reason as Error).message as NodeJS.Signals)
  })
}

/** What compares runs: all but weights and data. */
function plainValues({ data: _, startFrom: __, ...run }: Run): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(run)) as Readonly<Record<string, unknown>>
}

async function help(terminal: Terminal): Promise<number> {
  await createProgram(terminal, () => {})
    .parseAsync(['train', '--help'], { from: 'user' })
    .catch(() => {})
  return exitCodes.success
}
