/** A run small enough for tests: 24 steps, five per epoch, checkpoints every five, held-out loss every six. */

import { type ModelConfig, type Precision, packStream } from '@hadal/nn'
import { defineRun, type Run, type RunOptions } from '@hadal/train'

/** A repeating pattern of 31 numbers: a model can learn it anywhere and recognise it elsewhere. */
const pattern = (count: number, start: number): number[] =>
  Array.from({ length: count }, (_, index) => (start + index) ** 2 % 31)

export const tinyOptions = (folder: string, precision: Precision = 'fp32'): RunOptions<ModelConfig> => ({
  name: 'tiny',
  folder,
  precision,
  model: {
    vocab_size: 32,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 8,
    rms_norm_eps: 1e-5,
    rope_theta: 1000,
    tie_word_embeddings: true,
  },
  data: {
    train: packStream([pattern(163, 0)], 8, 31),
    valid: packStream([pattern(50, 7)], 8, 31),
  },
  batch: { windows: 2, accumulate: 2 },
  schedule: { peak: 0.02, warmupSteps: 3, totalSteps: 24, floorFraction: 0.1 },
  evaluate: { everySteps: 6 },
  checkpoint: { everySteps: 5, keep: 2 },
})

export const tinyRun = (folder: string, precision?: Precision): Run<ModelConfig> =>
  defineRun(tinyOptions(folder, precision))
