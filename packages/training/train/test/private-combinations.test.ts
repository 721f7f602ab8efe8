/**
 * Private steps for all supported combinations: the default mode gives the same sum as row-by-row computation, and a run learns,
 * stops, and resumes.
 */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createModel,
  initializeDecoder,
  type LoraOptions,
  type ModelConfig,
  type OptimizerChoice,
  readDeepSeekConfig,
} from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type LabelledTexts,
  type PrivacyOptions,
  type Run,
  type RunOptions,
  readCheckpoint,
  type TrainEvent,
  train,
  type Weights,
  writeCheckpoint,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { type Closeness, expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { RowCount, type RowFigures } from '../src/privacy/row-figures.ts'
import { Session } from '../src/session.ts'
import { privateRun } from './private-run.ts'
import { imageOptions, quarters } from './tiny-images.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)

const root = mkdtempSync(join(tmpdir(), 'hadal-private-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = (): string => {
  folders += 1
  return join(root, String(folders))
}

const privacy: Partial<PrivacyOptions> = {
  noiseMultiplier: 1,
  clipNorm: 0.4,
  secure: false,
  accountant: 'rdp',
}
/** All twenty rows in a step, in passes of six. */
const whole = { windows: 20, accumulate: 1 }

interface Summed {
  readonly gradients: readonly Float32Array[]
  readonly figures: RowFigures
  readonly mode: string
}

/** The sum of clipped gradients of a run's first step. */
function firstSum(run: Run): Promise<Summed> {
  return scope(async () => {
    const session = new Session(run)
    // With B of adapters at zero, half of their gradients are zero.
    manualSeed(9)
    for (const [name, master] of session.weights.masters)
      if (name.endsWith('lora_B.weight')) master.detach().normal_(0, 0.3)
    session.weights.publish()
    const passes = await session.nextBatch()
    const { reader, plan } = session.privacy!
    const count = new RowCount()
    const [first, ...others] = passes.map((pass) => reader.clipped(pass, count).gradients)
    for (const part of others) for (const [i, gradient] of part.entries()) first![i]!.add_(gradient)
    const gradients = first!.map((gradient) => gradient.toTypedArray() as Float32Array)
    return { gradients, figures: count.figures, mode: plan.mode }
  })
}

/** Default mode against row by row. Ghost clipping computes a squared norm as a sum of terms of both signs. */
async function expectExact(
  options: (privacy: Partial<PrivacyOptions>) => RunOptions,
  mode: string,
  closeness: Closeness = { roundings: 2000, condition: 4 },
) {
  const own = await firstSum(defineRun(options({})))
  const exact = await firstSum(defineRun(options({ mode: 'exact' })))
  expect([own.mode, exact.mode]).toEqual([mode, 'exact'])
  expect(own.figures).toMatchObject({ rows: exact.figures.rows, notFinite: 0 })
  expect(own.figures.rows).toBeGreaterThan(4)
  expectClose(own.figures.medianNorm!, exact.figures.medianNorm!, closeness, 'median norm')
  expectAllClose(own.gradients, exact.gradients, closeness)
}

/** Fresh weights of the tiny model, to begin adapters with. */
const startOf = (model: ModelConfig): Weights =>
  scope(() => {
    manualSeed(5)
    const parameters = createModel(model).parameters()
    initializeDecoder(parameters, model.num_hidden_layers)
    return new Map(
      [...parameters].map(([name, each]) => [
        name,
        { shape: each.shape, values: each.toTypedArray() as Float32Array },
      ]),
    )
  })

const model = tinyOptions('').model as ModelConfig
const tiny =
  (change: Partial<RunOptions>, more: Partial<PrivacyOptions> = {}) =>
  (mode: Partial<PrivacyOptions>): RunOptions => ({
    ...tinyOptions(folder()),
    batch: whole,
    ...change,
    privacy: { ...privacy, ...more, ...mode },
  })
const adapted = (adapter: Partial<LoraOptions>): Partial<RunOptions> => ({
  adapter: { rank: 3, ...adapter },
  startFrom: startOf(model),
})

const texts: LabelledTexts = {
  length: 6,
  inputs: Int32Array.from({ length: 180 }, (_, i) => (i * 7 + Math.floor(i / 6) * 3) % 31),
  sizes: Int32Array.from({ length: 30 }, (_, i) => 2 + (i % 5)),
  labels: Int32Array.from({ length: 30 }, (_, i) => i % 2),
}

const experts = readDeepSeekConfig({
  model_type: 'deepseek_v3',
  vocab_size: 32,
  hidden_size: 8,
  intermediate_size: 10,
  moe_intermediate_size: 4,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  rope_theta: 100,
  tie_word_embeddings: false,
  attention_bias: false,
  q_lora_rank: 5,
  kv_lora_rank: 6,
  qk_nope_head_dim: 4,
  qk_rope_head_dim: 8,
  v_head_dim: 5,
  n_routed_experts: 4,
  n_shared_experts: 1,
  num_experts_per_tok: 2,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
  rope_scaling: null,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 2,
  topk_group: 1,
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
})

describe('the sum of clipped gradients is that of rows taken one by one', () => {
  it.each<[string, Partial<RunOptions>, Partial<PrivacyOptions>?]>([
    ['of a whole model', {}],
    ['in passes', { batch: { windows: 3, accumulate: 5 } }],
    ['clipped by layers', {}, { clipping: 'per-layer' }],
    ['clipped to one length', {}, { clipping: 'automatic' }],
    ['of untied heads', { model: { ...model, tie_word_embeddings: false } }],
    ['of biases', { model: { ...model, model_type: 'qwen2' } as ModelConfig }],
    [
      'with label smoothing and a z-loss',
      { objective: { kind: 'tokens', labelSmoothing: 0.1, zLoss: 1e-3 } },
    ],
    ['of LoRA', adapted({})],
    ['of rsLoRA', adapted({ rankStabilized: true })],
    ['of DoRA', adapted({ dora: true })],
    ['of QLoRA', adapted({ quantization: 'nf4' })],
    [
      'of a head beside a model',
      {
        objective: { kind: 'classes', classes: 2, classWeights: [1, 3] },
        data: { train: texts, valid: texts },
      },
    ],
  ])('%s', async (_, change, more) => {
    await expectExact(tiny(change, more), 'book-keeping')
  })

  it.each<[string, Partial<RunOptions>]>([
    ['layers', { checkpointing: { every: 1 } }],
    ['layers beside LoRA', { checkpointing: { every: 2 }, ...adapted({ dora: true }) }],
  ])('of %s that are computed again', async (_, change) => {
    await expectExact(tiny(change), 'ghost')
  })

  it.each<[string, Partial<RunOptions>, string]>([
    ['a whole model', {}, 'book-keeping'],
    ['LoRA', adapted({ quantization: 'nf4' }), 'book-keeping'],
    ['what is computed again', { checkpointing: { every: 1 } }, 'ghost'],
  ])('of %s in bf16, to its rounding', async (_, change, mode) => {
    await expectExact(tiny({ ...change, precision: 'bf16' }), mode, { roundings: 12, dtype: 'bfloat16' })
  })

  it.each(['flat', 'per-layer', 'automatic'] as const)(
    'of images with several views: %s',
    async (clipping) => {
      const { data, ...rest } = imageOptions(folder())
      const train = { ...quarters(64, 0), augmentation: { views: 3, shift: 2 } }
      await expectExact(
        (mode) => ({ ...rest, data: { ...data, train }, privacy: { ...privacy, clipping, ...mode } }),
        'book-keeping',
      )
    },
  )
})

const weightsAfter = (run: Run, step: number) =>
  readCheckpoint(join(run.folder, `checkpoints/step-${String(step).padStart(9, '0')}.safetensors`))

async function heldOut(run: Run, stopAt?: number): Promise<number[]> {
  const losses: number[] = []
  const listen = (event: TrainEvent, control: { stop(reason: string): void }): void => {
    if (event.type === 'evaluated') losses.push(event.loss)
    if (event.type === 'step' && event.step === stopAt) control.stop('enough')
  }
  await train(run, { listeners: [listen] })
  return losses
}

describe('a private run', () => {
  it.each<[string, Partial<RunOptions>]>([
    ...(['adamw', 'adamw-8bit', 'sgd', 'lion', 'adafactor', 'muon'] as const).map(
      (kind): [string, Partial<RunOptions>] => [kind, { optimizer: { kind } as OptimizerChoice }],
    ),
    ['an average', { average: { decay: 0.9 } }],
    ['layered rates', { rates: {} }],
    ['dropout', adapted({ dropout: 0.3, dora: true })],
    ['what is computed again, with dropout', { ...adapted({ dropout: 0.3 }), checkpointing: { every: 1 } }],
    ['bf16', { precision: 'bf16' }],
    ['little memory', { memory: { limit: '1GiB' } }],
  ])('with %s goes on to the bit', async (_, change) => {
    const schedule = { peak: 0.01, warmupSteps: 1, totalSteps: 8, floorFraction: 0.5 }
    const make = (): Run => privateRun(folder(), {}, { schedule, ...change })
    const [straight, halved] = [make(), make()]
    await heldOut(straight)
    await heldOut(halved, 4)
    await heldOut(halved)
    expect(weightsAfter(halved, 8)).toEqual(weightsAfter(straight, 8))
    expect(weightsAfter(straight, 8).state.ledger).toEqual([
      expect.objectContaining({ steps: 8, sampleRate: 0.1 }),
    ])
  })

  it('keeps no best of steps that are made again, for they are counted once', async () => {
    const run = privateRun(folder(), { secure: true }, { checkpoint: { everySteps: 5, keep: 2, best: 3 } })
    await heldOut(run, 10)
    const best = join(run.folder, 'checkpoints/best')
    const [kept] = readdirSync(best)
    // As left by a run killed after its evaluation at step 12.
    const saved = readCheckpoint(join(best, kept!))
    writeCheckpoint(join(best, 'loss-0000001.000000-step-000000012.safetensors'), {
      ...saved,
      state: { ...saved.state, step: 12 },
    })
    await heldOut(run, 11)
    expect(readdirSync(best)).toEqual([kept])
  })

  it('does not reveal in its checkpoints how much dropout drew, and so how many rows', async () => {
    const run = privateRun(folder(), { secure: true }, adapted({ dropout: 0.3 }))
    await heldOut(run, 3)
    const early = newestOf(run, 3).saved
    await heldOut(run, 9)
    const later = newestOf(run, 9).saved
    expect(later.rng).toEqual(early.rng)
    expect(later.weights).not.toEqual(early.weights)
  })

  it('learns where there is little noise', async () => {
    const losses = await heldOut(
      privateRun(
        folder(),
        { epsilon: 1e6, noiseMultiplier: 0.05 },
        { batch: { windows: 10, accumulate: 1 } },
      ),
    )
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3)
  })

  it('of images learns with GroupNorm in place of BatchNorm', async () => {
    const { model: network, ...rest } = imageOptions(folder())
    const layers = network.layers.map((layer) =>
      layer.kind === 'group-norm' ? { kind: 'batch-norm' as const } : layer,
    )
    const options = { ...rest, model: { ...network, layers } }
    const weak = { epsilon: 1e6, noiseMultiplier: 0.05, secure: false } as const
    expect(() => defineRun({ ...options, privacy: weak })).toThrow(
      'model.layers.1 is batch-norm, which mixes rows',
    )
    const run = defineRun({
      ...options,
      privacy: { ...weak, replaceLayers: true },
      batch: { windows: 32, accumulate: 1 },
    })
    expect(run.model.layers[1]).toEqual({ kind: 'group-norm', groups: 4 })
    const losses = await heldOut(run)
    expect(losses.at(-1)!).toBeLessThan(losses[0]!)
  })

  it('of experts is taken row by row, and refused otherwise', async () => {
    const options = (more: Partial<PrivacyOptions>): RunOptions => ({
      ...tinyOptions(folder()),
      model: experts,
      schedule: { peak: 0.01, warmupSteps: 1, totalSteps: 3, floorFraction: 0.5 },
      privacy: { ...privacy, ...more },
    })
    expect(() => defineRun(options({}))).toThrow('model has experts')
    expect(() => defineRun({ ...options({ mode: 'exact' }), expertBalanceRate: 0.1 })).toThrow(
      'expertBalanceRate is 0.1',
    )
    expect(await heldOut(defineRun(options({ mode: 'exact' })))).toHaveLength(1)
  })

  it('whose ledger leaves it no step stops, and says what is spent of what', async () => {
    const change = { schedule: { peak: 0.01, warmupSteps: 1, totalSteps: 8, floorFraction: 0.5 } }
    const given = { noiseMultiplier: 1, epsilon: 8 }
    const run = privateRun(folder(), given, change)
    await heldOut(run, 3)
    const { path, saved } = newestOf(run, 3)
    const ledger = [...saved.state.ledger!, { noiseMultiplier: 0.7, sampleRate: 0.1, steps: 600 }]
    writeCheckpoint(path, { ...saved, state: { ...saved.state, ledger } })
    const events: TrainEvent[] = []
    const result = await train(run, { listeners: [(event) => void events.push(event)] })
    expect(result).toMatchObject({ status: 'stopped', step: 3 })
    expect(events.at(-1)).toMatchObject({
      type: 'stopped',
      reason: expect.stringMatching(
        /^epsilon \d+\.\d{4} of 8 is spent at delta 0\.005.*\(train_budget_spent\)$/,
      ),
    })
    // With a larger budget the same run continues.
    const more = privateRun(run.folder, { ...given, epsilon: 500 }, change)
    expect(await train(more)).toMatchObject({ status: 'finished', step: 8 })
    expect(newestOf(more, 8).saved.state.ledger).toEqual([...ledger, expect.objectContaining({ steps: 5 })])
  })

  it('another budget for a noise that follows from it is another run, and says how to go on', async () => {
    const run = privateRun(folder(), {}, {})
    await heldOut(run, 3)
    const { noiseMultiplier } = newestOf(run, 3).saved.state.ledger![0]!
    const raised = privateRun(run.folder, { epsilon: 6 })
    await expect(train(raised)).rejects.toMatchObject({
      code: 'train_run_changed',
      message: expect.stringContaining(`set privacy.noiseMultiplier to ${noiseMultiplier} to resume`),
    })
    const said = privateRun(run.folder, { epsilon: 6, noiseMultiplier })
    expect(await train(said)).toMatchObject({ status: 'finished', step: 24 })
  })

  it('ends as diverged where no row has a gradient that is finite', async () => {
    const start = startOf(model)
    const [name, first] = [...start][0]!
    const values = Float32Array.from(first.values, () => Number.NaN)
    const run = privateRun(folder(), {}, { startFrom: new Map([...start, [name, { ...first, values }]]) })
    await expect(train(run)).rejects.toMatchObject({ code: 'train_diverged' })
  })

  it('warns of what weakens what it promises', async () => {
    const warnings: string[] = []
    const run = privateRun(folder(), { delta: 0.2, accountant: 'gdp' })
    await train(run, {
      listeners: [
        (event, control) => {
          if (event.type === 'warning') warnings.push(event.message)
          if (event.type === 'step') control.stop('enough')
        },
      ],
    })
    for (const part of ['privacy.delta is 0.2', 'privacy.accountant gdp', 'privacy.secure is false'])
      expect(warnings).toContainEqual(expect.stringContaining(part))
  })
})

function newestOf(run: Run, step: number) {
  const path = join(run.folder, `checkpoints/step-${String(step).padStart(9, '0')}.safetensors`)
  return { path, saved: readCheckpoint(path) }
}
