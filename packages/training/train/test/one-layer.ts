/** Options of a run that is never executed, for tests of validation. */

import { packStream, type Windows } from '@hadal/nn'
import type { RunOptions } from '../src/run.ts'

export const windows: Windows = packStream([[1, 2, 3, 4, 5, 6, 7, 8, 9]], 4, 0)

const model = {
  vocab_size: 16,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 100,
  tie_word_embeddings: true,
}

export const oneLayer: Omit<RunOptions, 'model'> & { readonly model: typeof model } = {
  name: 'test',
  folder: 'unused',
  model,
  data: { train: windows, valid: windows },
  batch: { windows: 1, accumulate: 1 },
  schedule: { peak: 1, warmupSteps: 0, totalSteps: 4, floorFraction: 0 },
  evaluate: { everySteps: 2 },
}
