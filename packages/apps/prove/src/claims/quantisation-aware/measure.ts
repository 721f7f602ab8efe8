/** Runs the experiment of claim.ts. */

import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import {
  type ActivationObserver,
  type ImageModelFile,
  newestWeights,
  readImageModel,
  saveImageRun,
} from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { trainOnce } from '../../trial/train-once.ts'
import { type Judge, judged, judgeHere } from './classes.ts'
import type { QuantisedRaw, QuantisedRound } from './judge.ts'
import { type QuantisedTask, quantisedTask } from './task.ts'

const seeds = { quick: 3, full: 3 } as const
const observers: readonly ActivationObserver[] = ['min-max', 'histogram']

export async function measureQuantised(context: ClaimContext): Promise<QuantisedRaw> {
  const { mode, note, seed } = context
  // Accuracies are measured, and they do not depend on the thread count.
  setNumThreads(mode === 'full' ? availableParallelism() : 1)
  const task = quantisedTask(mode, seed)
  const rounds: QuantisedRound[] = []
  let by: Judge | undefined
  for (let at = 0; at < seeds[mode]; at += 1) {
    const measured = await measureRound(context, task, seed + at)
    const { round } = measured
    by = measured.by
    rounds.push(round)
    note(
      `seed ${round.seed}: fp32 ${round.fp32More.toFixed(2)} %, rounded ${round.rounded.toFixed(2)} %, trained to be rounded ${round.trained.toFixed(2)} %`,
    )
  }
  return {
    what: task.what,
    by: by!,
    testRows: task.test.labels.length,
    steps: task.learn.schedule.totalSteps,
    moreSteps: task.more.schedule.totalSteps,
    rounds,
  }
}

async function measureRound(
  context: ClaimContext,
  task: QuantisedTask,
  seed: number,
): Promise<{ readonly by: Judge; readonly round: QuantisedRound }> {
  const { learn, more, choice, test } = task
  const folder = join(context.folder, 'files')
  mkdirSync(folder, { recursive: true })
  const learnt = await trainOnce(context, { ...learn, seed }, (run) => ({
    weights: newestWeights(run.folder),
    file: readImageModel(saveImageRun(run)),
  }))
  const by = await judgeHere(folder, learnt.used.file, choice)
  const startFrom = learnt.used.weights
  const goneOn = async (options: object): Promise<ImageModelFile> => {
    const { used } = await trainOnce(context, { ...more, ...options, startFrom, seed }, (run) =>
      readImageModel(saveImageRun(run)),
    )
    return used
  }
  const plain = await goneOn({})
  const quantised = await goneOn({ quantization: { weights: 'int8', activations: 'int8' } })
  const tried = new Map<ActivationObserver, number>()
  for (const observer of observers)
    tried.set(observer, (await judged(by, folder, plain, choice, observer)).accuracy)
  const observer = observers.reduce((a, b) => (tried.get(b)! > tried.get(a)! ? b : a))
  const fp32More = await judged(by, folder, plain, test)
  const rounded = await judged(by, folder, plain, test, observer)
  const trained = await judged(by, folder, quantised, test)
  const round = {
    seed,
    fp32: (await judged(by, folder, learnt.used.file, test)).accuracy,
    fp32More: fp32More.accuracy,
    rounded: rounded.accuracy,
    trained: trained.accuracy,
    bytes: { fp32: fp32More.bytes, int8: trained.bytes },
  }
  return { by, round }
}
