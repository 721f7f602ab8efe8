/** Runs the experiment of claim.ts. */

import { setNumThreads } from '@hadal/tensor'
import { newestWeights, planRun } from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { drawScenes } from '../../drawings/scenes.ts'
import { type Evaluation, trainOnce } from '../../trial/train-once.ts'
import type { Found, ImageTextRaw, Round } from './judge.ts'
import { pretrainOptions, tuneOptions } from './options.ts'
import { formNames, forms, sizes } from './sizes.ts'

export async function measureImageText(context: ClaimContext): Promise<ImageTextRaw> {
  setNumThreads(1)
  const { mode, note, seed } = context
  const { side, pictures, factors, seeds } = sizes[mode]
  const { plain, sketched, heldOut } = pictures
  note('drawing pictures, and learning from the first family')
  const learn = {
    train: drawScenes({ seed, family: 'plain', first: 0, count: plain, side }),
    valid: drawScenes({ seed, family: 'plain', first: plain, count: heldOut, side }),
  }
  const tune = {
    train: drawScenes({ seed, family: 'sketched', first: 0, count: sketched, side }),
    valid: drawScenes({ seed, family: 'sketched', first: sketched, count: heldOut, side }),
  }
  const base = await trainOnce(context, pretrainOptions(mode, seed, learn), (run) => ({
    weights: newestWeights(run.folder),
    parameters: planRun(run).parameters,
  }))
  const startFrom = base.used.weights
  const before = await withoutTuning(context, { startFrom, data: tune })
  const rounds: Round[] = []
  for (let at = 0; at < seeds; at += 1)
    for (const factor of factors)
      for (const form of formNames) {
        const how = { seed: seed + at, form, factor }
        const { last } = await trainOnce(context, tuneOptions(mode, how, { startFrom, data: tune }))
        const found = foundIn(last)
        rounds.push({ ...how, ...found })
        note(
          `seed ${how.seed}, ×${factor}, ${forms[form].title}: ${((found.textToImage + found.imageToText) / 2).toFixed(1)} %`,
        )
      }
  return { before, pretrained: foundIn(base.last), parameters: base.used.parameters, rounds }
}

/** Baseline without tuning: one step at a learning rate that changes nothing in fp32. */
async function withoutTuning(
  context: ClaimContext,
  given: Parameters<typeof tuneOptions>[2],
): Promise<Found> {
  const options = tuneOptions(context.mode, { seed: context.seed, form: 'one', factor: 1e-12 }, given)
  const schedule = { ...options.schedule, totalSteps: 1, warmupSteps: 0 }
  const { last } = await trainOnce(context, { ...options, schedule, evaluate: { everySteps: 1 } })
  return foundIn(last)
}

const foundIn = ({ measures }: Evaluation): Found => ({
  textToImage: 100 * measures['text-to-image@1']!,
  imageToText: 100 * measures['image-to-text@1']!,
})
