/**
 * What tuning two towers with a rate for each and a weighted loss buys: a model of emoji (recipes/emoji-clip) is tuned to another family of
 * drawings, with the rates and weights of a guide that is widely followed (text 1e-5, image 5e-6; text 0.7, image 0.3), with one rate for both, and with the same
 * rates times a factor, for a model this small. Held-out drawings find their names and names their drawings, before and after, by seed.
 *
 *     npm run bench image-text -- [--data .data/emoji] [--folder runs/image-text] [--pretrain-steps 2400] [--steps 48] [--seeds 5]
 *
 * The data are brought by commands that it names when they are missing. What was measured is kept in the folder, and goes on from there when it is started
 * again. Results go to bench/reports/<date>-image-text.json and .md.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defineRun, newestWeights, train } from '@hadal/train'
import { emojiStages, pretrainRun, tuneRun } from '../../recipes/emoji-clip/stages.ts'
import { writeReport } from '../report-files.ts'
import { page, type Round } from './page.ts'
import { found } from './recall.ts'
import { type Variant, variants } from './variants.ts'

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '.data/emoji' },
    folder: { type: 'string', default: 'runs/image-text' },
    'pretrain-steps': { type: 'string', default: '2400' },
    steps: { type: 'string', default: '48' },
    seeds: { type: 'string', default: '5' },
  },
})

const pretrained = join(flags.folder, 'pretrained')
const kept = join(flags.folder, 'rounds.jsonl')
const steps = Number(flags.steps)
const seeds = Array.from({ length: Number(flags.seeds) }, (_, index) => index + 1)
mkdirSync(flags.folder, { recursive: true })

const stages = await emojiStages(flags.data)
const pretraining = defineRun(
  pretrainRun(stages, { folder: pretrained, steps: Number(flags['pretrain-steps']) }),
)
await train(pretraining, {
  listeners: [
    (event) => {
      if (event.type === 'evaluated') console.log(`step ${event.step}`, event.loss, event.measures)
    },
  ],
})
const startFrom = newestWeights(pretrained)
const before = await found(stages, startFrom)
console.log('before', before)

async function tuned(variant: Variant, seed: number): Promise<Round> {
  const folder = join(flags.folder, 'tuned')
  rmSync(folder, { recursive: true, force: true })
  const start = performance.now()
  const { rates, weights } = variant
  await train(defineRun(tuneRun(stages, { folder, startFrom, seed, steps, rates, weights })))
  const seconds = (performance.now() - start) / 1000
  const after = await found(stages, newestWeights(folder))
  rmSync(folder, { recursive: true })
  return { variant: variant.name, seed, seconds, ...after }
}

const rounds: Round[] = existsSync(kept)
  ? readFileSync(kept, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Round)
  : []
// Seed by seed, so that what is there at any time has all variants.
for (const seed of seeds)
  for (const variant of variants) {
    if (rounds.some((round) => round.variant === variant.name && round.seed === seed)) continue
    const round = await tuned(variant, seed)
    rounds.push(round)
    appendFileSync(kept, `${JSON.stringify(round)}\n`)
    console.log(JSON.stringify(round))
  }

const { openmoji, stamps } = stages.counts
const measured = {
  before,
  rounds,
  steps,
  pretrainSteps: pretraining.schedule.totalSteps,
  batch: pretraining.batch.windows,
  pictures: {
    openmoji,
    stamps,
    tuned: stages.tune.train.captions.length,
    heldOut: stages.tune.valid.captions.length,
  },
}
writeReport('image-text', 'image-text', measured, (facts) => page(facts, measured))
