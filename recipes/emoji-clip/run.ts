// A model of pictures and their captions, learnt from nothing: emoji of one family and stamps. Copy it and change what you like.
//
//   npx hadal train recipes/emoji-clip                                   learn, and write the model to runs/emoji-clip/model
//   npx hadal train recipes/emoji-clip --dry-run                         what it will take
//   npx hadal train recipes/emoji-clip --folder runs/tuned -- --tune runs/emoji-clip      tune it to another family
//   npx hadal retrieve runs/emoji-clip/model --data runs/emoji-clip/held-out.jsonl       what it finds of the other family
//
// --data     where the pictures are; what is missing is named with the commands that bring it
// --steps    of training
// --tune     the run whose model is tuned to the other family, with a rate for each tower
//
// What stands before `--` are settings of the run: docs/training-settings.md.

import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defineRecipe, exportTowers, newestWeights } from '@hadal/train'
import { writeTokenizer } from './model.ts'
import { emojiStages, pretrainRun, tuneRun } from './stages.ts'

export default defineRecipe(async (said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '.data/emoji' },
      steps: { type: 'string' },
      tune: { type: 'string' },
    },
  })
  const stages = await emojiStages(flags.data)
  const folder = said.folder ?? (flags.tune ? 'runs/emoji-clip-tuned' : 'runs/emoji-clip')
  const options = flags.tune
    ? tuneRun(stages, {
        folder,
        startFrom: newestWeights(flags.tune),
        seed: 1,
        steps: Number(flags.steps ?? 120),
        // The best of what bench/image-text tried; a large model wants far lower ones.
        rates: { text: 5e-4, image: 5e-4 },
        weights: { textWeight: 0.5, imageWeight: 0.5 },
      })
    : pretrainRun(stages, { folder, steps: Number(flags.steps ?? 2400) })
  return {
    ...options,
    done: () => {
      const model = join(folder, 'model')
      exportTowers(model, { config: stages.config, weights: newestWeights(folder) })
      writeTokenizer(model, stages)
      const rows = stages.tune.validRows.map(({ image, captions }) => ({
        image: resolve(image as string),
        caption: captions[0],
      }))
      writeFileSync(join(folder, 'held-out.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    },
  }
})
