// Tunes Hadal's bundled decoder for 4 bits: a few hundred steps in which its weights are what a GGUF file will hold. Copy it and
// change what you like.
//
//   npx tsx --conditions=@hadal/source recipes/nano/data/build.ts                   the data
//   npx hadal train recipes/nano-4bit --threads 1                                   q4_0; other types: --quantization-weights q4_k
//   npx hadal export runs/nano-4bit --format gguf --out nano-q4_0.gguf              the file, in the type that was trained for
//
// --model           the GGUF file that it starts from
// --data            the folder of the nano recipe's data
// --conversations   number of conversations to read
// --held-out        number of held-out ones among them
// --steps           of tuning
// --plain           the same without quantisation, to compare with
//
// What stands before `--` are settings of the run: docs/training-settings.md; docs/quantization.md is the guide.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chatTemplate, type Windows } from '@hadal/nn'
import { defineRecipe, exportHuggingFace, newestWeights, quantizationOf, readGgufModel } from '@hadal/train'
import { chatWindows } from './chat-windows.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: 'models/nano/nano-q8_0.gguf' },
      data: { type: 'string', default: '.data/nano' },
      conversations: { type: 'string', default: '10000' },
      'held-out': { type: 'string', default: '1000' },
      steps: { type: 'string', default: '200' },
      plain: { type: 'boolean', default: false },
    },
  })
  const { model, weights, tokenizer } = readGgufModel(flags.model)
  const windows = (name: string, most: number): Windows =>
    chatWindows(join(flags.data, name), tokenizer, most)
  return {
    name: 'nano-4bit',
    folder: said.folder ?? 'runs/nano-4bit',
    model,
    startFrom: weights,
    precision: 'bf16',
    ...(!flags.plain && { quantization: { weights: 'q4_0', fp32Steps: 0, halfSteps: 0 } as const }),
    data: {
      train: windows('chat.jsonl', Number(flags.conversations)),
      valid: windows('chat.valid.jsonl', Number(flags['held-out'])),
    },
    batch: { windows: 8, accumulate: 1 },
    schedule: { peak: 5e-5, warmupSteps: 10, totalSteps: Number(flags.steps), floorFraction: 0 },
    evaluate: { everySteps: Math.ceil(Number(flags.steps) / 2) },
    checkpoint: { everySteps: 50, keep: 2 },
    done: (run) => {
      const quantization = quantizationOf(run)
      const file = { config: model, weights: newestWeights(run.folder), tokenizer, chatTemplate }
      exportHuggingFace(join(run.folder, 'model'), { ...file, ...(quantization && { quantization }) })
    },
  }
})
