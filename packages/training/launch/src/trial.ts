/**
 * Runs the first steps of a run in a separate folder, for `verify-resume`: changes only checkpoint intervals and the end, nothing
 * that affects the weights. Records the data read for each step alongside the metrics.
 */

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { exitCodes, say } from '@hadal/output'
import { metricsLog, planRun, type Run, type TrainListener, train, withInterrupt } from '@hadal/train'
import { trialTooShort } from './errors.ts'
import type { RecipeJob } from './recipe-process.ts'
import { type TrialLine, trialFile } from './trial-record.ts'
import { watchReads } from './watch-reads.ts'

export type TrialJob = Extract<RecipeJob, { kind: 'trial' }>

const fewestSteps = 4

/** The steps at which a trial saves, is killed and is stopped: never at the end of an epoch, if that is known. */
export function planTrial(
  steps: number,
  stepsPerEpoch: number | undefined,
): { readonly saveEvery: number; readonly killIn: number; readonly stopAfter: number } {
  let saveEvery = Math.floor(steps / 4)
  if (stepsPerEpoch !== undefined && saveEvery % stepsPerEpoch === 0 && 2 * (saveEvery + 1) + 1 < steps)
    saveEvery += 1
  return { saveEvery, killIn: saveEvery + 2, stopAfter: 2 * saveEvery + 1 }
}

/** Resolves with the exit code, where the process is not killed. */
export async function runTrial(run: Run, { folder, steps: requested, end }: TrialJob): Promise<number> {
  const steps = Math.min(requested, run.schedule.totalSteps)
  if (steps < fewestSteps) throw trialTooShort(steps, fewestSteps)
  const { saveEvery, killIn, stopAfter } = planTrial(steps, planRun(run).stepsPerEpoch)
  mkdirSync(folder, { recursive: true })
  const write = (line: TrialLine): void =>
    appendFileSync(join(folder, trialFile), `${JSON.stringify(line)}\n`)

  let step: number | undefined
  let rowsOfStep = 0
  const { windows, accumulate } = run.batch
  // Reads before the start, for example of references, belong to no step.
  const onRead = (what: string, rows: number): void => {
    if (step === undefined) return
    write({ step: step + 1, read: what })
    rowsOfStep += rows
    // A private step's number of rows is random and may be zero.
    const isMidway = rowsOfStep > (run.privacy ? 0 : Math.min(windows, windows * accumulate - 1))
    if (end === 'killed' && step + 1 >= killIn && isMidway) process.kill(process.pid, 'SIGKILL')
  }
  const follow =
    (signal: AbortSignal): TrainListener =>
    async (event, control) => {
      if (event.type !== 'started' && event.type !== 'step') return
      step = event.step
      rowsOfStep = 0
      if (event.type === 'started') write({ startedAfter: step })
      else if (step === steps) control.stop(say`the trial stops here`)
      else if (end === 'stopped' && step === stopAfter) {
        process.kill(process.pid, 'SIGTERM')
        // Steps that are faster than the signal would end the trial before it.
        while (!signal.aborted) await setTimeout(1)
      }
    }
  const everySteps = Math.min(run.evaluate.everySteps, Math.ceil(steps / 2))
  const trial: Run = {
    ...run,
    folder,
    evaluate: { ...run.evaluate, everySteps },
    checkpoint: { everySteps: saveEvery, keep: steps },
    data: { ...run.data, train: watchReads(run.data.train, onRead) },
    // Otherwise no draw would be reproducible.
    ...(run.privacy && { privacy: { ...run.privacy, secure: false } }),
  }
  await withInterrupt((signal) =>
    train(trial, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), follow(signal)], signal }),
  )
  return exitCodes.success
}
