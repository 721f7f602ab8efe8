/** Runs the experiment of claim.ts. */

import { parameterCount } from '@hadal/nn'
import { memory, resetPeakMemory, setNumThreads } from '@hadal/tensor'
import { mergedWeights, newestWeights, planRun, type Run } from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { trainOnce } from '../../trial/train-once.ts'
import { type Base, lossesOf, readBase } from './base.ts'
import { knownShapes, timesFewer } from './count.ts'
import { alpha, batchWindows, type FormName, formNames, forms, rank, tuneOptions } from './forms.ts'
import type { LoraRaw, LoraRun } from './judge.ts'

/** In addition to the first, with which rates are chosen. */
const moreSeeds = { quick: 1, full: 3 } as const

export async function measureLora(context: ClaimContext): Promise<LoraRaw> {
  setNumThreads(1)
  const { mode, note } = context
  note('reading the bundled model and what it answers')
  const base = readBase(context.bundledModel('nano'), context.seed)
  const before = lossesOf(base.model, base.weights, textsOf(base))
  const runs: LoraRun[] = []
  const best = new Map<FormName, number>()
  for (const form of formNames) {
    const tried: LoraRun[] = []
    for (const peak of forms[form].peaks[mode]) {
      const run = await tuned(context, base, form, peak, context.seed)
      tried.push(run)
      note(`${forms[form].title}, rate ${peak}: ${run.choice.toFixed(3)} nats on held-out text`)
    }
    runs.push(...tried)
    best.set(form, tried.reduce((a, b) => (b.choice < a.choice ? b : a)).peak)
  }
  for (let more = 1; more <= moreSeeds[mode]; more += 1)
    for (const form of formNames)
      runs.push(await tuned(context, base, form, best.get(form)!, context.seed + more))
  return {
    parameters: parameterCount(base.model),
    counted: Object.fromEntries(
      Object.entries(knownShapes).map(([name, config]) => [name, timesFewer(config, rank)]),
    ),
    rank,
    alpha,
    windows: batchWindows[mode],
    windowLength: base.train.length,
    before,
    runs,
    best: Object.fromEntries(best) as LoraRaw['best'],
  }
}

const textsOf = ({ choice, reported, known }: Base) => ({ choice, reported, known })

async function tuned(
  context: ClaimContext,
  base: Base,
  form: FormName,
  peak: number,
  seed: number,
): Promise<LoraRun> {
  const { mode } = context
  let peakBytes = 0
  resetPeakMemory()
  const { evaluations, used } = await trainOnce(
    context,
    tuneOptions(base, form, { mode, peak, seed }),
    (run) => {
      peakBytes = memory().peakBytes
      return {
        trainedParameters: planRun(run).trainedParameters,
        losses: lossesOf(base.model, wholeWeights(run, base), textsOf(base)),
      }
    },
  )
  return {
    form,
    peak,
    seed,
    trainedParameters: used.trainedParameters,
    peakMiB: peakBytes / 2 ** 20,
    ...used.losses,
    curve: evaluations.map(({ step, loss, processorSeconds }) => ({ step, loss, processorSeconds })),
  }
}

const wholeWeights = (run: Run, { weights }: Base) =>
  run.adapter
    ? mergedWeights(weights, {
        weights: newestWeights(run.folder),
        adapter: run.adapter,
        baseModel: 'nano',
      })
    : newestWeights(run.folder)
