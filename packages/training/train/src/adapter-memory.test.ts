import { createModel, type DecoderConfig, initializeDecoder, type LoraOptions, packStream } from '@hadal/nn'
import { memory, resetPeakMemory, scope, setNumThreads } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { defineRun, type RunOptions } from './run.ts'
import { planRun } from './run-plan.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'
import { toHost, type Weights } from './weights.ts'

setNumThreads(1)
const model: DecoderConfig = {
  vocab_size: 64,
  hidden_size: 256,
  intermediate_size: 704,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}
const windows = packStream([Array.from({ length: 200 }, (_, i) => (i * i) % 60)], 8, 63)

function startFrom(): Weights {
  return scope(() => {
    const built = createModel(model)
    initializeDecoder(built.parameters(), 6)
    return toHost(built.parameters())
  })
}

/** Measures the memory a session holds and the extra peak of one step, to compare with the plan. */
function measure(
  weights: Weights,
  adapter: Partial<LoraOptions>,
  more: Partial<RunOptions<DecoderConfig>> = {},
) {
  const run = defineRun({
    name: 'memory',
    folder: 'unused',
    model,
    startFrom: weights,
    adapter: { rank: 4, ...adapter },
    data: { train: windows, valid: windows },
    batch: { windows: 2, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 2, floorFraction: 1 },
    evaluate: { everySteps: 100 },
    ...more,
  })
  const before = memory().currentBytes
  return scope(async () => {
    const session = new Session(run)
    const held = memory().currentBytes - before
    resetPeakMemory()
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    const { bytes } = planRun(run)
    const peak = memory().peakBytes - before
    const plannedPeak = Object.values(bytes).reduce((sum, each) => sum + each, 0)
    return { held, peak, planned: bytes.weights + bytes.optimizer, plannedPeak }
  })
}

it('frozen weights in NF4 take 4.13 bits each, as planned, and are never all unpacked at once', async () => {
  memory()
  const weights = startFrom()
  const matrices = 6 * (4 * 256 * 256 + 3 * 256 * 704)
  const plain = await measure(weights, {})
  const packed = await measure(weights, { quantization: 'nf4' })
  const once = await measure(weights, { quantization: 'nf4', doubleQuantization: false })
  const saved = (plain.held - packed.held) / matrices
  expect(saved).toBeGreaterThan((32 - 4.14) / 8)
  expect(saved).toBeLessThan(32 / 8 - 0.5)
  expect((once.held - packed.held) / matrices).toBeCloseTo(3 / 64 - 1 / 64 / 64, 2)
  // One matrix at a time.
  expect(packed.peak - packed.held - (plain.peak - plain.held)).toBeLessThan(2 * 704 * 256 * 4)
  for (const { held, planned } of [plain, packed, once]) {
    expect(held).toBeLessThan(planned * 1.02)
    expect(held).toBeGreaterThan(planned * 0.7)
  }
})

it.each<Partial<LoraOptions>>([
  {},
  { dora: true },
  { dropout: 0.1, rankPattern: { q_proj: 16 } },
  { quantization: 'nf4' },
  { quantization: 'nf4', dora: true, dropout: 0.1 },
])('a step with %j has the peak that was planned, within a tenth', async (adapter) => {
  memory()
  const { peak, plannedPeak } = await measure(startFrom(), adapter)
  expect(plannedPeak / peak).toBeGreaterThan(0.9)
  expect(plannedPeak / peak).toBeLessThan(1.1)
})

it.each<Partial<LoraOptions>>([{}, { targets: ['q_proj'] }, { dora: true }])(
  'a step with %j whose layers are rounded has the peak that was planned, within a tenth',
  async (adapter) => {
    memory()
    const quantization = { weights: 'q4_0', fp32Steps: 0 } as const
    const { peak, plannedPeak } = await measure(startFrom(), adapter, { quantization })
    expect(plannedPeak / peak).toBeGreaterThan(0.9)
    expect(plannedPeak / peak).toBeLessThan(1.1)
  },
)
