/** A run over streamed conversations, small enough for tests: 16 steps, checkpoints every five. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chatTemplate, chatTokens, trainBpe } from '@hadal/nn'
import { defineRun, type Run, type StreamWindowsOptions, streamWindows, type Vocabulary } from '@hadal/train'

const rows = Array.from({ length: 60 }, (_, i) => ({
  messages: [
    { role: 'user', content: `What is ${i} plus ${(i * 7) % 10}?` },
    { role: 'assistant', content: `It is ${i + ((i * 7) % 10)}.` },
  ],
}))

const tokenizer = trainBpe(
  rows.flatMap(({ messages }) => messages.map(({ content }) => content)),
  { vocabSize: 300, specialTokens: Object.values(chatTokens) },
)

export const vocabulary: Vocabulary = {
  tokenizer,
  endOfText: tokenizer.special(chatTokens.endOfText),
  template: chatTemplate,
}

/** Two files of conversations in `folder`. */
export function writeChats(folder: string): string[] {
  return [0, 1].map((part) => {
    const path = join(folder, `chats-${part}.jsonl`)
    const lines = rows.filter((_, i) => i % 2 === part).map((row) => JSON.stringify(row))
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  })
}

export const streamOptions = (files: readonly string[]): StreamWindowsOptions => ({
  files,
  vocabulary,
  modelVocabSize: vocabulary.tokenizer.vocabSize,
  length: 48,
  validShare: 0.2,
  shuffleBuffer: 8,
  overlong: 'split',
})

export const streamRun = (folder: string, files: readonly string[]): Run =>
  defineRun({
    name: 'stream',
    folder,
    model: {
      vocab_size: vocabulary.tokenizer.vocabSize,
      hidden_size: 16,
      intermediate_size: 24,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      max_position_embeddings: 64,
      rms_norm_eps: 1e-5,
      rope_theta: 1000,
      tie_word_embeddings: true,
    },
    data: streamWindows(streamOptions(files)),
    batch: { windows: 2, accumulate: 3 },
    schedule: { peak: 0.02, warmupSteps: 2, totalSteps: 16, floorFraction: 0.1 },
    evaluate: { everySteps: 8 },
    checkpoint: { everySteps: 5, keep: 3 },
  })
