// Fine-tunes a model on conversations in JSONL: one in a Hugging Face folder where that is named, otherwise a small one that is
// made here. Copy it and change what you like.
//
//   npx hadal train recipes/fine-tune -- --data chats.jsonl --model path/to/Qwen2.5-0.5B-Instruct
//   npx hadal train recipes/fine-tune --adapter-rank 16 -- --model path/to/Qwen2.5-0.5B-Instruct
//   npx hadal train recipes/fine-tune --adapter-rank 16 -- --data chats.jsonl --model models/nano/nano-q8_0.gguf
//   npx hadal train recipes/fine-tune --dry-run               what it will take
//   npx hadal train verify-resume recipes/fine-tune           whether it resumes to the bit
//
// --data      JSONL of {"messages": [{"role": "user", "content": "..."}, ...]}; without it a file of sums is made
// --model     a folder with config.json, safetensors and tokenizer.json, or a GGUF file that Hadal wrote; without it a fresh model
//             of 0.1M parameters
// --length    tokens of a window
// --ask       a question that the model is asked after each evaluation
//
// What stands before `--` are settings of the run: docs/training-settings.md.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ChatTemplate } from '@hadal/nn'
import {
  bestWeights,
  defineRecipe,
  exportHuggingFace,
  exportPeft,
  mergedWeights,
  newestWeights,
  quantizationOf,
  streamWindows,
} from '@hadal/train'
import { freshModel, type Start, sumsFile, tunedModel, unpackedModel } from './start.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      model: { type: 'string' },
      length: { type: 'string', default: '128' },
      ask: { type: 'string', default: 'What is 7 plus 8?' },
    },
  })
  const folder = said.folder ?? 'runs/fine-tune'
  const files = [flags.data ?? sumsFile(folder)]
  const base = flags.model?.endsWith('.gguf') ? unpackedModel(flags.model, folder) : flags.model
  const start = base ? tunedModel(base) : freshModel(files)
  const { model, startFrom, tokenizer, endOfText, template, roles } = start

  return {
    name: 'fine-tune',
    folder,
    model,
    ...(startFrom && { startFrom }),
    data: streamWindows({
      files,
      vocabulary: start,
      modelVocabSize: model.vocab_size,
      length: Number(flags.length),
      validShare: 0.05,
      onBadRow: 'skip',
      onSkipped: ({ path, line, why }) => console.error(`${path}:${line}: ${why}`),
    }),
    batch: { windows: 8, accumulate: 2 },
    schedule: {
      kind: 'linear',
      peak: startFrom ? 2e-5 : 6e-3,
      warmupSteps: 20,
      totalSteps: 300,
      floorFraction: 0.1,
    },
    average: { decay: 0.98 },
    evaluate: {
      everySteps: 75,
      patience: 3,
      samples: {
        prompts: [question(start, flags.ask)],
        maxTokens: 32,
        stop: [endOfText, ...tokenizer.specialTokens.values()],
        decode: (ids) => tokenizer.decode(ids),
      },
    },
    checkpoint: { everySteps: 50, keep: 2, best: 1 },
    done: (run) => {
      const { folder, adapter, checkpoint } = run
      let weights = checkpoint.best ? bestWeights(folder) : newestWeights(folder)
      if (adapter && startFrom) {
        const file = { weights, adapter, baseModel: base ?? '' }
        exportPeft(join(folder, 'adapter'), file)
        weights = mergedWeights(startFrom, file)
      }
      const quantization = quantizationOf(run)
      const file = {
        ...{ config: model, weights, tokenizer, chatTemplate: template, roles },
        ...(quantization && { quantization }),
      }
      exportHuggingFace(join(folder, 'model'), file)
    },
  }
})

/** The tokens that ask for an answer. */
function question({ tokenizer, template, bosToken, eosToken }: Start, content: string): number[] {
  const asked = new ChatTemplate(template, { bosToken, eosToken }).render(
    { messages: [{ role: 'user', content }] },
    true,
  )
  return tokenizer.encode(asked, { allowSpecial: true })
}
