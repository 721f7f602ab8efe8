/** Runs one training in a temporary folder and returns its results. Knows nothing about claims. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { defineRun, type Run, type RunOptions, type TrainEvent, train } from '@hadal/train'
import type { ClaimContext } from '../claim.ts'

export interface Evaluation {
  readonly step: number
  readonly loss: number
  readonly measures: Readonly<Record<string, number>>
  /** That the processor took for all steps so far, without evaluations. */
  readonly processorSeconds: number
  /** That a private run has spent. */
  readonly epsilon?: number
}

export interface Trained {
  readonly evaluations: readonly Evaluation[]
  readonly last: Evaluation
}

/** `use` receives the run while its folder exists. If aborted, throws the abort reason. */
export async function trainOnce<Result = undefined>(
  { folder, signal }: Pick<ClaimContext, 'folder' | 'signal'>,
  options: Omit<RunOptions, 'folder'>,
  use?: (run: Run) => Result | Promise<Result>,
): Promise<Trained & { readonly used: Result }> {
  const own = join(folder, `${options.name}-${options.seed ?? 1}`)
  rmSync(own, { recursive: true, force: true })
  mkdirSync(own, { recursive: true })
  const evaluations: Evaluation[] = []
  let seconds = 0
  let since = process.cpuUsage()
  const spent = (): number => {
    const { user, system } = process.cpuUsage(since)
    since = process.cpuUsage()
    return (user + system) / 1e6
  }
  const listen = (event: TrainEvent): void => {
    if (event.type === 'started') since = process.cpuUsage()
    if (event.type === 'step') seconds += spent()
    if (event.type !== 'evaluated') return
    spent()
    const { step, loss, measures = {}, epsilon } = event
    const evaluation = { step, loss, measures, processorSeconds: seconds }
    evaluations.push(epsilon === undefined ? evaluation : { ...evaluation, epsilon })
  }
  try {
    const { totalSteps } = options.schedule
    const run = defineRun({ checkpoint: { everySteps: totalSteps, keep: 1 }, ...options, folder: own })
    await train(run, { listeners: [listen], signal })
    signal.throwIfAborted()
    return { evaluations, last: evaluations.at(-1)!, used: (await use?.(run)) as Result }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}
