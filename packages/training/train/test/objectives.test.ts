/** Every objective, and DeepSeek models, through the loop: they learn, and resume to the bit. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DeepSeekConfig, ignoreIndex, type Windows } from '@hadal/nn'
import { memory, setNumThreads } from '@hadal/tensor'
import {
  bestWeights,
  defineRun,
  type LabelledTexts,
  newestWeights,
  type RunOptions,
  readCheckpoint,
  type TrainEvent,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { collected } from '../../tensor/test/collected.ts'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { asWeights } from '../src/weights.ts'
import { tinyOptions } from './tiny-run.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-objectives-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)
const folder = (): string => join(root, String(folders++))

const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  rope_theta: 1000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 8,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 4,
  v_head_dim: 8,
  moe: {
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1,
    moe_intermediate_size: 12,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}

async function execute(options: RunOptions, stopAt?: number) {
  const events: TrainEvent[] = []
  const result = await train(defineRun(options), {
    listeners: [
      (event, control) => {
        events.push(event)
        if (event.type === 'step' && event.step === stopAt) control.stop('asked to')
      },
    ],
  })
  return { events, result }
}

const losses = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))

const newest = (run: string) => {
  const checkpoints = join(run, 'checkpoints')
  return readCheckpoint(
    join(
      checkpoints,
      readdirSync(checkpoints)
        .filter((name) => name.startsWith('step'))
        .sort()
        .at(-1)!,
    ),
  )
}

/** A run that stops after step 9 and one that does not end with the same bits. */
async function expectSameWhenResumed(options: (folder: string) => RunOptions): Promise<TrainEvent[]> {
  await collected()
  const before = memory().liveTensors
  const [whole, parts] = [folder(), folder()]
  const { events } = await execute(options(whole))
  const { result } = await execute(options(parts), 9)
  expect(result).toMatchObject({ status: 'stopped', step: 9 })
  await execute(options(parts))
  expect(newest(parts)).toEqual(newest(whole))
  expect(memory().liveTensors).toBe(before)
  return events
}

describe.each(['fp32', 'bf16'] as const)('a DeepSeek model in %s', (precision) => {
  it('learns, balances its experts, and resumes to the bit with an average and 8-bit moments', async () => {
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at, precision),
      model: deepSeek,
      optimizer: { kind: 'adamw-8bit', leastValues: 64 },
      average: { decay: 0.9 },
      expertBalanceRate: 0.01,
    })
    const events = await expectSameWhenResumed(options)
    expect(losses(events).at(-1)!).toBeLessThan(losses(events)[0]! - 0.5)
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect(steps.every(({ expertImbalance }) => expertImbalance >= 1 && expertImbalance <= 4)).toBe(true)
    expect([...steps[0]!.layerNorms.keys()]).toEqual([
      'embed_tokens',
      'layers.0',
      'layers.1',
      'layers.2',
      'norm',
    ])
    const corrections = newestWeights(join(root, String(folders - 1))).get(
      'model.layers.1.mlp.gate.e_score_correction_bias',
    )!
    expect(corrections.values.some((value) => value !== 0)).toBe(true)
  })
})

/** Windows of one text each: a fixed `prompt`, then the response, which alone is trained on. */
function answers(rows: readonly (readonly number[])[]): Windows {
  const length = 6
  const inputs = new Int32Array(rows.length * length)
  const targets = new Int32Array(rows.length * length).fill(ignoreIndex)
  rows.forEach((row, index) => {
    row.slice(0, -1).forEach((token, i) => {
      inputs[index * length + i] = token
      if (i >= 2) targets[index * length + i] = row[i + 1]!
    })
  })
  return { length, count: rows.length, inputs, targets }
}

const numbers = Array.from({ length: 12 }, (_, i) => i)
/** Better: counting up. Worse: counting down. */
const pairs = {
  chosen: answers(numbers.map((i) => [30, i, 31, i + 1, i + 2, 29])),
  rejected: answers(numbers.map((i) => [30, i, 31, i + 15, i + 14, 29])),
}
/** Whether a text begins with a small number; of different lengths. */
const texts: LabelledTexts = {
  length: 4,
  inputs: Int32Array.from(numbers.flatMap((i) => [i, 20, i % 2 ? 21 : 0, 0])),
  sizes: Int32Array.from(numbers, (i) => (i % 2 ? 3 : 2)),
  labels: Int32Array.from(numbers, (i) => (i < 6 ? 0 : 1)),
}

const schedule = { peak: 0.02, warmupSteps: 2, totalSteps: 24, floorFraction: 0.5 }

describe('an objective', () => {
  it.each(['dpo', 'ipo'] as const)('%s moves away from the weights of the start', async (kind) => {
    const base = folder()
    await execute(tinyOptions(base))
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at),
      startFrom: newestWeights(base),
      objective: { kind, beta: 0.5 },
      data: { train: pairs, valid: pairs },
      schedule,
    })
    const all = losses(await expectSameWhenResumed(options))
    // At the start policy and reference agree: log 2 and (1 / 2 beta)².
    expectClose(all[0]!, kind === 'dpo' ? Math.log(2) : 1, { roundings: 500 })
    expect(all.at(-1)!).toBeLessThan(all[0]! / 4)
  })

  it('dpo hears a signal while it reads its references, and then begins as if there had been none', async () => {
    const many = numbers.flatMap((i) => numbers.map((k) => [30, i, 31, k + 1, k + 2, 29]))
    const data = { chosen: answers(many), rejected: answers([...many].reverse()) }
    const base = folder()
    await execute(tinyOptions(base))
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at),
      startFrom: newestWeights(base),
      objective: { kind: 'dpo' },
      data: { train: data, valid: pairs },
      schedule: { ...schedule, totalSteps: 4 },
    })
    const controller = new AbortController()
    const stopped = folder()
    const interrupted = train(defineRun(options(stopped)), { signal: controller.signal })
    setImmediate(() => controller.abort())
    expect(await interrupted).toMatchObject({ status: 'interrupted', step: 0 })
    const whole = folder()
    await execute(options(whole))
    await execute(options(stopped))
    expect(newest(stopped)).toEqual(newest(whole))
  })

  it('reward scores the better completion above the worse', async () => {
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at),
      objective: { kind: 'reward' },
      data: { train: pairs, valid: pairs },
      schedule,
    })
    const all = losses(await expectSameWhenResumed(options))
    expect(all.at(-1)!).toBeLessThan(0.1)
    expect(newestWeights(join(root, String(folders - 1))).get('score.weight')!.shape).toEqual([1, 16])
  })

  it('classes separates texts, and starts from a model without a head', async () => {
    const base = folder()
    await execute(tinyOptions(base))
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at),
      startFrom: newestWeights(base),
      objective: { kind: 'classes', classes: 2, classWeights: [1, 2] },
      data: { train: texts, valid: texts },
      schedule,
    })
    const all = losses(await expectSameWhenResumed(options))
    expect(all.at(-1)!).toBeLessThan(0.2)
  })

  it('tokens takes label smoothing and a z-loss', async () => {
    const options = (at: string): RunOptions => ({
      ...tinyOptions(at),
      objective: { kind: 'tokens', labelSmoothing: 0.1, zLoss: 1e-4 },
    })
    const all = losses(await expectSameWhenResumed(options))
    expect(all.at(-1)!).toBeLessThan(all[0]!)
  })
})

describe('evaluation', () => {
  it('ends a run that no longer improves, and keeps the best checkpoints', async () => {
    const at = folder()
    const { events, result } = await execute({
      ...tinyOptions(at),
      evaluate: { everySteps: 2, patience: 2, minImprovement: 0.3 },
      checkpoint: { everySteps: 100, keep: 1, best: 2 },
    })
    expect(result.status).toBe('stopped')
    expect(events.at(-1)).toMatchObject({ type: 'stopped', reason: expect.stringContaining('2 evaluations') })
    const held = events.flatMap((event) => (event.type === 'evaluated' ? [event.loss] : []))
    const kept = readdirSync(join(at, 'checkpoints/best')).sort()
    expect(kept).toHaveLength(2)
    expect(Number(/loss-0*([\d.]+)-/.exec(kept[0]!)![1])).toBeCloseTo(Math.min(...held), 5)
    const best = asWeights(readCheckpoint(join(at, 'checkpoints/best', kept[0]!)).weights)
    const second = asWeights(readCheckpoint(join(at, 'checkpoints/best', kept[1]!)).weights)
    expect(bestWeights(at)).toEqual(best)
    expect(bestWeights(at)).not.toEqual(second)
    expect(events.filter(({ type }) => type === 'best').length).toBeGreaterThanOrEqual(2)
  })

  it('shows what the model says', async () => {
    const { events } = await execute({
      ...tinyOptions(folder()),
      evaluate: {
        everySteps: 12,
        samples: { prompts: [[0, 1, 4]], maxTokens: 4, stop: [], decode: (ids) => ids.join(' ') },
      },
    })
    const samples = events.filter((event) => event.type === 'sampled')
    expect(samples.map(({ step }) => step)).toEqual([12, 24])
    expect(samples[1]!.prompt).toBe('0 1 4')
    expect(samples[1]!.text.split(' ')).toHaveLength(4)
  })
})
