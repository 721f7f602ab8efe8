import { defineRun, planRun, type RunOptions } from '@hadal/train'
import { expect, it } from 'vitest'
import { layoutLines } from './layout-lines.ts'

const windows = (count: number) => ({
  length: 8,
  count,
  inputs: new Int32Array(8 * count),
  targets: new Int32Array(8 * count),
})
const run = (change: Partial<RunOptions> = {}) =>
  defineRun({
    name: 'tiny',
    folder: 'runs/tiny',
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
    data: { train: windows(8), valid: windows(2) },
    batch: { windows: 4, accumulate: 1 },
    schedule: { peak: 0.02, warmupSteps: 1, totalSteps: 6, floorFraction: 0.1 },
    evaluate: { everySteps: 3 },
    ...change,
  })

/** For a plan with simple numbers. */
const lines = (change: Partial<RunOptions>, ranks: number, memoryBytes: number): string => {
  const bytes = { weights: 4096, gradients: 4096, optimizer: 8192, average: 0, activations: 4096 }
  const plan = { ...planRun(run()), bytes: { ...planRun(run()).bytes, ...bytes } }
  return layoutLines(run(change), plan, { ranks, memoryBytes }).join('\n')
}

it('says what each rank holds, and what would do with the memory there is', () => {
  expect(lines({}, 1, 1)).toBe('')
  expect(lines({}, 2, 1e6)).toBe(
    `layout    data 2 x tensor 1, zero 0, 18.0 KiB on each of 2 ranks
proposed  the same
          2 parts of each batch, whose gradients are summed while they are computed`,
  )
  expect(lines({ parallel: { tensor: 2 } }, 4, 16 * 1024)).toBe(
    `layout    data 2 x tensor 2, zero 0, 9.3 KiB on each of 4 ranks
proposed  data 4 x tensor 1, zero 1, 11.0 KiB on each
          4 parts of each batch, whose gradients are summed while they are computed
          the state of the optimizer is divided, as 17.0 KiB would not fit 16.0 KiB
          with --parallel-data 4 --parallel-tensor 1 --parallel-zero 1`,
  )
  expect(() => lines({ parallel: { data: 3 } }, 2, 1)).toThrow(
    expect.objectContaining({ code: 'train_invalid_run' }),
  )
})
