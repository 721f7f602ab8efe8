import { createModel, type DecoderConfig, initializeDecoder, type Windows } from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { measureSpeed } from './measure-speed.ts'
import { defineRun } from './run.ts'
import { toHost } from './weights.ts'

setNumThreads(1)

const model: DecoderConfig = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}
const windows = (count: number, shift: number): Windows => ({
  length: 4,
  count,
  inputs: Int32Array.from({ length: 4 * count }, (_, i) => (i + shift) % 32),
  targets: Int32Array.from({ length: 4 * count }, (_, i) => (i + shift + 1) % 32),
})

it('reads what the measured steps take, not all pairs', async () => {
  const startFrom = scope(() => {
    manualSeed(1)
    const parameters = createModel(model).parameters()
    initializeDecoder(parameters, model.num_hidden_layers)
    return toHost(parameters)
  })
  const chosen = windows(200, 0)
  let reads = 0
  const counted = {
    ...chosen,
    get inputs() {
      reads += 1
      return chosen.inputs
    },
  }
  const run = defineRun({
    name: 'pairs',
    folder: 'never-made',
    model,
    startFrom,
    objective: { kind: 'dpo' },
    data: {
      train: { chosen: counted, rejected: windows(200, 7) },
      valid: { chosen, rejected: windows(200, 7) },
    },
    batch: { windows: 2, accumulate: 1 },
    schedule: { peak: 0.01, warmupSteps: 1, totalSteps: 10, floorFraction: 0.1 },
    evaluate: { everySteps: 5 },
  })
  reads = 0
  expect(await measureSpeed(run, 3)).toBeGreaterThan(0)
  // Two steps to warm up and three that count, of one pass each.
  expect(reads).toBe(5)
})
