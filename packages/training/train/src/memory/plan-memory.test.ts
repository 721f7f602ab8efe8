/** Compares the memory plan of a step with libtorch's allocations, over shapes, precisions and techniques. */

import { createModel, initializeDecoder, type ModelConfig, packStream } from '@hadal/nn'
import { memory, resetPeakMemory, scope, setNumThreads } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from '../checkpointing/segments-of.ts'
import { defineRun, type Run, type RunOptions } from '../run.ts'
import { Session } from '../session.ts'
import { trainStep } from '../train-step.ts'
import { toHost, type Weights } from '../weights.ts'
import { planMemory } from './plan-memory.ts'
import { peakBytes } from './run-memory.ts'

setNumThreads(1)

const length = 64
const windows = packStream([Array.from({ length: 3000 }, (_, i) => (i * i) % 200)], length, 3)
const valid = packStream([Array.from({ length: 130 }, (_, i) => i)], length, 3)
const packed = { ...windows, segments: new Int32Array(windows.inputs.length) }

const llama: ModelConfig = {
  vocab_size: 640,
  hidden_size: 96,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: length,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}
const models: Readonly<Record<string, ModelConfig>> = {
  Llama: llama,
  'Qwen3, untied': { ...llama, model_type: 'qwen3', head_dim: 32, tie_word_embeddings: false },
  DeepSeek: {
    model_type: 'deepseek_v3',
    vocab_size: 640,
    hidden_size: 96,
    intermediate_size: 256,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    max_position_embeddings: length,
    rms_norm_eps: 1e-6,
    rope_theta: 1e4,
    rope_scaling: null,
    tie_word_embeddings: true,
    attention_bias: false,
    q_lora_rank: 32,
    kv_lora_rank: 24,
    qk_nope_head_dim: 24,
    qk_rope_head_dim: 8,
    v_head_dim: 24,
    moe: {
      n_routed_experts: 8,
      num_experts_per_tok: 2,
      scoring_func: 'sigmoid',
      topk_method: 'noaux_tc',
      n_group: 2,
      topk_group: 1,
      norm_topk_prob: true,
      routed_scaling_factor: 2.5,
      moe_intermediate_size: 64,
      n_shared_experts: 1,
      first_k_dense_replace: 1,
      moe_layer_freq: 1,
    },
  },
}

const define = (model: ModelConfig, change: Partial<RunOptions<ModelConfig>>): Run<ModelConfig> =>
  defineRun({
    name: 'plan',
    folder: 'unused',
    model,
    data: { train: windows, valid },
    batch: { windows: 6, accumulate: 2 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
    evaluate: { everySteps: 100 },
    ...change,
  })

/** The peak of a run's second step. */
async function measuredPeak(run: Run<ModelConfig>): Promise<number> {
  const { currentBytes } = memory()
  await scope(async () => {
    const session = new Session(run)
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    resetPeakMemory()
    trainStep(session, await session.nextBatch(), 1e-3, 1)
  })
  return memory().peakBytes - currentBytes
}

function weightsOf(model: ModelConfig): Weights {
  return scope(() => {
    const { parameters } = { parameters: createModel(model).parameters() }
    initializeDecoder(parameters, model.num_hidden_layers)
    return toHost(parameters)
  })
}

type Case = readonly [string, Partial<RunOptions<ModelConfig>>]
const single = { windows: 6, accumulate: 1 }

const whole: readonly Case[] = [
  ['fp32', {}],
  ['one pass a step', { batch: single }],
  ['bf16', { precision: 'bf16' }],
  ['several documents in a window', { data: { train: packed, valid } }],
  ['logits of all tokens at once', { lossChunkTokens: 0 }],
  ['the same in bf16', { lossChunkTokens: 0, precision: 'bf16' }],
  ['logits of 50 tokens at once', { lossChunkTokens: 50 }],
  ['every layer recomputed', { checkpointing: { every: 1 } }],
  ['every two layers, in bf16', { checkpointing: { every: 2 }, precision: 'bf16' }],
  ['a memory target', { checkpointing: { memoryTarget: '17MiB' } }],
  [
    'a target, documents and bf16',
    { checkpointing: { memoryTarget: '19MiB' }, precision: 'bf16', data: { train: packed, valid } },
  ],
  ['an average', { average: {} }],
]
/** Two readings of the model, and losses over all logits that make more of them than a sum. */
const answers = {
  ...windows,
  count: 24,
  inputs: windows.inputs.slice(0, 24 * length),
  targets: windows.targets.slice(0, 24 * length),
}
const pairs = { train: { chosen: answers, rejected: answers }, valid: { chosen: answers, rejected: answers } }
const preference = { data: pairs, batch: { windows: 4, accumulate: 1 }, objective: { kind: 'dpo' } } as const
const reward = { ...preference, objective: { kind: 'reward' } } as const
const smoothed = {
  lossChunkTokens: 0,
  objective: { kind: 'tokens', labelSmoothing: 0.1, zLoss: 1e-4 },
} as const
const losses: readonly Case[] = [
  ['DPO', preference],
  ['DPO, every layer recomputed', { ...preference, checkpointing: { every: 1 } }],
  ['DPO in bf16, every two layers', { ...preference, precision: 'bf16', checkpointing: { every: 2 } }],
  [
    'IPO within a target',
    { ...preference, objective: { kind: 'ipo' }, checkpointing: { memoryTarget: '17MiB' } },
  ],
  ['a reward', reward],
  ['a reward in bf16, every layer recomputed', { ...reward, precision: 'bf16', checkpointing: { every: 1 } }],
  ['labels smoothed and z-loss', smoothed],
  ['the same in bf16', { ...smoothed, precision: 'bf16' }],
]

it.each(losses)('a step with %s takes what was planned, within a fortieth', async (_, change) => {
  const run = define(llama, { startFrom: weightsOf(llama), ...change })
  const planned = peakBytes(planMemory(run, segmentsOf(run)))
  const measured = await measuredPeak(run)
  expect(Math.abs(planned / measured - 1), `${planned} of ${measured}`).toBeLessThan(0.025)
})

/** Representatives of all models. */
const few: readonly string[] = [
  'fp32',
  'the same in bf16',
  'every two layers, in bf16',
  'a target, documents and bf16',
]
const optimizers: readonly Case[] = (['adamw-8bit', 'sgd', 'lion', 'adafactor', 'muon'] as const).map(
  (kind) => [kind, { optimizer: { kind }, batch: { windows: 1, accumulate: 1 } }],
)
const quantized: readonly Case[] = [
  ['weights apart from what computes, to be rounded later', { quantization: { fp32Steps: 1, halfSteps: 1 } }],
  [
    'rounded weights in bf16',
    { precision: 'bf16', quantization: { weights: 'q4_0', fp32Steps: 0, halfSteps: 0 } },
  ],
]
const adapters: readonly Case[] = [
  ['adapters', { adapter: { rank: 8 } }],
  [
    'adapters in bf16, layers recomputed',
    { adapter: { rank: 8 }, precision: 'bf16', checkpointing: { every: 1 } },
  ],
  ['DoRA', { adapter: { rank: 8, dora: true } }],
  ['frozen weights in NF4', { adapter: { rank: 8, quantization: 'nf4' } }],
]

describe.each(Object.entries(models))('a step of %s takes what was planned, within a tenth', (_, model) => {
  const isFirst = model === llama
  const cases = [
    ...whole.filter(([name]) => isFirst || few.includes(name)),
    ...(isFirst ? [...optimizers, ...quantized] : []),
    ...adapters
      .filter((_, at) => isFirst || at === 1)
      .map(([name, change]): Case => [name, { ...change, startFrom: weightsOf(model) }]),
  ]
  it.each(cases)('with %s', async (_, change) => {
    const run = define(model, change)
    const planned = peakBytes(planMemory(run, segmentsOf(run)))
    const measured = await measuredPeak(run)
    expect(Math.abs(planned / measured - 1), `${planned} of ${measured}`).toBeLessThan(0.1)
    const target = run.checkpointing?.memoryTarget
    if (target !== undefined) expect(planned).toBeLessThanOrEqual(19 * 2 ** 20)
  })
})

it('the attributed bytes add up to the peak', () => {
  const plan = planMemory(define(llama, { average: {} }))
  const sum = Object.values(plan.bytes).reduce((all, bytes) => all + bytes, 0)
  expect(sum).toBe(peakBytes(plan))
  expect(Math.min(...Object.values(plan.bytes))).toBeGreaterThan(0)
})
