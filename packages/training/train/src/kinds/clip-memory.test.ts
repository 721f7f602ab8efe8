import { memory, resetPeakMemory, scope, setNumThreads } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { defineRun, type RunOptions } from '../run.ts'
import { planRun } from '../run-plan.ts'
import { Session } from '../session.ts'
import { trainStep } from '../train-step.ts'

setNumThreads(1)

const encoder = { num_attention_heads: 4, hidden_act: 'gelu', layer_norm_eps: 1e-5 } as const
const model = {
  model_type: 'clip',
  text_config: {
    ...encoder,
    vocab_size: 100,
    hidden_size: 128,
    intermediate_size: 512,
    num_hidden_layers: 3,
    max_position_embeddings: 24,
    eos_token_id: 1,
  },
  vision_config: {
    ...encoder,
    hidden_size: 192,
    intermediate_size: 768,
    num_hidden_layers: 3,
    image_size: 64,
    patch_size: 8,
  },
  projection_dim: 64,
  logit_scale_init_value: 2,
} as const
const pairs = {
  imageSize: 64,
  captions: Array.from({ length: 32 }, (_, image) => [[0, ...Array<number>(20).fill(2 + image), 1]]),
  padding: 1,
  fingerprint: 'x',
  load: (images: readonly number[]) =>
    new Float32Array(images.length * 3 * 4096).map((_, at) => (at % 13) / 13),
}
const resNet = { layers: [1, 1, 1, 1], width: 16, num_attention_heads: 8, image_size: 64 }

it.each<[string, object]>([
  ['fp32', {}],
  ['bf16', { precision: 'bf16' }],
  ['layers that are computed again', { checkpointing: { every: 1 } }],
  ['chunks that are computed again', { batch: { windows: 32, accumulate: 1, cacheRows: 4 } }],
  ['a ResNet', { model: { ...model, vision_config: resNet } }],
])('what a step takes is foreseen, about: %s', async (_, change) => {
  const run = defineRun({
    name: 'memory',
    folder: 'unused',
    model,
    data: { train: pairs, valid: pairs },
    batch: { windows: 32, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 10, floorFraction: 1 },
    evaluate: { everySteps: 10 },
    ...change,
  } as RunOptions)
  const { currentBytes } = memory()
  await scope(async () => {
    const session = new Session(run)
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    resetPeakMemory()
    trainStep(session, await session.nextBatch(), 1e-3, 1)
  })
  const planned = Math.max(...Object.values(planRun(run).phases)) / (memory().peakBytes - currentBytes)
  expect(planned).toBeGreaterThan(0.85)
  expect(planned).toBeLessThan(1.25)
})
