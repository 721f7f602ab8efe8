/** Dual encoders as a run's model: training, learning rates, memory, and unsupported settings. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClipConfig } from '@hadal/nn'
import { memory, setMemoryLimit, setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  metricsLog,
  newestWeights,
  planRun,
  planTechniques,
  type Run,
  type RunOptions,
  readMetrics,
  type TrainEvent,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { larger } from './larger-colours.ts'
import { colours, tinyClip, towerOptions, towerRun } from './tiny-towers.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-towers-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = (): string => join(root, `run-${folders++}`)

async function eventsOf(run: Run): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  return events
}
const lossesOf = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))
const stopAt = (wanted: number) => ({
  listeners: [
    (event: TrainEvent, control: { stop(reason: string): void }) =>
      void (event.type === 'step' && event.step === wanted && control.stop('test')),
  ],
})
/** Norm of all weights of the last `change`. */
let weightNorm = 0
/** The update of one step of plain gradient descent, by name. */
async function change(options: Partial<RunOptions<ClipConfig>>): Promise<Map<string, number[]>> {
  const schedule = { peak: 0.1, warmupSteps: 0, totalSteps: 1, floorFraction: 1 }
  const usual = { schedule, optimizer: { kind: 'sgd' as const, momentum: 0, weightDecay: 0 }, clipNorm: 1e9 }
  const still = towerRun(folder(), { ...usual, schedule: { ...schedule, peak: 1e-30 }, ...without(options) })
  const moved = towerRun(folder(), { ...usual, ...options })
  await train(still)
  await train(moved)
  const [before, after] = [newestWeights(still.folder), newestWeights(moved.folder)]
  weightNorm = Math.hypot(...[...after.values()].map(({ values }) => Math.hypot(...values)))
  return new Map(
    [...after].map(([name, { values }]) => [
      name,
      [...values].map((v, i) => before.get(name)!.values[i]! - v),
    ]),
  )
}
const without = ({ rates: _, ...rest }: Partial<RunOptions<ClipConfig>>): Partial<RunOptions<ClipConfig>> =>
  rest
const norm = (values: readonly number[]): number => Math.hypot(...values)
/**
 * For gradients from `change`: forward and backward through two small encoders. Weights are rounded to float32 before the
 * subtraction, so errors scale with the weights rather than the update.
 */
const closeness = () => ({ roundings: 2000, scale: weightNorm / 100 })

const withBias: ClipConfig = { ...tinyClip, logit_bias_init_value: -2 }
const resNet: ClipConfig = {
  ...tinyClip,
  vision_config: { layers: [1, 1, 1, 1], width: 4, num_attention_heads: 4, image_size: 32 },
}

describe('two towers', () => {
  it.each<[string, Partial<RunOptions<ClipConfig>>]>([
    ['softmax', {}],
    ['several captions', { objective: { kind: 'contrastive', captionsPerImage: 2 } }],
    ['sigmoid', { model: withBias, objective: { kind: 'contrastive', loss: 'sigmoid' } }],
    ['bf16', { precision: 'bf16' }],
    ['an average', { average: { decay: 0.8 } }],
    ['layers again', { checkpointing: { every: 1 } }],
    ['chunks', { batch: { windows: 6, accumulate: 1, cacheRows: 4 } }],
  ])('learn which text belongs to which image: %s', async (_, options) => {
    const schedule = { peak: 0.01, warmupSteps: 2, totalSteps: 60, floorFraction: 0.1 }
    const events = await eventsOf(towerRun(folder(), { schedule, ...options }))
    const losses = lossesOf(events)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.7)
    expect(events[0]).toMatchObject({ type: 'started', unit: 'pairs' })
    const evaluated = events.filter((event) => event.type === 'evaluated')
    expect(evaluated.at(-1)!.loss).toBeLessThan(evaluated[0]!.loss)
    const { measures = {} } = evaluated.at(-1)!
    expect(Object.keys(measures).sort()).toEqual(
      [1, 5, 10].flatMap((k) => [`image-to-text@${k}`, `text-to-image@${k}`]).sort(),
    )
    expect(measures['text-to-image@5']).toBeGreaterThan(0.5)
    expect(measures['image-to-text@10']!).toBeGreaterThanOrEqual(measures['image-to-text@1']!)
  })

  it('learn at rates of their own', async () => {
    const same = await change({})
    const own = await change({ rates: { text: 0.02, image: 0.3 } })
    for (const [name, moved] of own) {
      const wanted = /^text_/.test(name) ? 0.2 : /^vis/.test(name) ? 3 : 1
      const plain = norm(same.get(name)!)
      if (plain > 1e-4) expect(norm(moved) / plain, name).toBeCloseTo(wanted, 1)
    }
    expect(norm(own.get('text_projection.weight')!)).toBeGreaterThan(0)
    expect(norm(own.get('visual_projection.weight')!)).toBeGreaterThan(0)
  })

  it('learn from both directions as much as these count', async () => {
    const objective = (textWeight: number, imageWeight: number) => ({
      objective: { kind: 'contrastive' as const, textWeight, imageWeight },
    })
    const [text, image, both] = [
      await change(objective(1, 0)),
      await change(objective(0, 1)),
      await change(objective(0.7, 0.3)),
    ]
    const at = 'text_projection.weight'
    const wanted = text.get(at)!.map((value, i) => 0.7 * value + 0.3 * image.get(at)![i]!)
    expectClose(both.get(at)!, wanted, closeness())
    expect(norm(text.get(at)!.map((value, i) => value - image.get(at)![i]!))).toBeGreaterThan(1e-3)
  })

  it.each<[string, Partial<RunOptions<ClipConfig>>, Partial<RunOptions<ClipConfig>>]>([
    ['chunks of a batch', {}, { batch: { windows: 6, accumulate: 1, cacheRows: 4 } }],
    ['single rows', {}, { batch: { windows: 6, accumulate: 1, cacheRows: 1 } }],
    ['layers', {}, { checkpointing: { every: 1 } }],
    [
      'chunks of a sigmoid',
      { model: withBias, objective: { kind: 'contrastive', loss: 'sigmoid', captionsPerImage: 2 } },
      { batch: { windows: 6, accumulate: 1, cacheRows: 5 } },
    ],
  ])('have the same gradients where these are computed again: %s', async (_, base, again) => {
    const [whole, parts] = [await change(base), await change({ ...base, ...again })]
    const names = [...whole.keys()]
    expectAllClose(
      names.map((name) => parts.get(name)!),
      [...whole.values()],
      closeness(),
      names,
    )
    expect(norm([...whole.values()].flat())).toBeGreaterThan(1e-2)
  })

  it('keep what similarities are multiplied with within bounds', async () => {
    const run = towerRun(folder(), {
      model: { ...tinyClip, logit_scale_init_value: 1 },
      objective: { kind: 'contrastive', maxLogitScale: 3 },
      schedule: { peak: 0.5, warmupSteps: 0, totalSteps: 8, floorFraction: 1 },
      guard: false,
    })
    await train(run)
    const [scale] = newestWeights(run.folder).get('logit_scale')!.values
    expect(scale).toBeLessThanOrEqual(Math.fround(Math.log(3)))
    expect(scale).toBeGreaterThanOrEqual(0)
  })

  it.each<[string, Partial<RunOptions<ClipConfig>>]>([
    ['plain', { objective: { kind: 'contrastive', captionsPerImage: 1 } }],
    ['in chunks, with an average', { batch: { windows: 6, accumulate: 1, cacheRows: 4 }, average: {} }],
    [
      'with statistics of a ResNet',
      {
        model: resNet,
        data: { train: larger(colours(12)), valid: larger(colours(12)) },
        schedule: { peak: 0.01, warmupSteps: 2, totalSteps: 16, floorFraction: 0.1 },
      },
    ],
  ])('go on to the bit: %s', async (_, options) => {
    const whole = towerRun(folder(), options)
    await train(whole, { listeners: [metricsLog(join(whole.folder, 'metrics.jsonl'))] })
    const parts = towerRun(folder(), options)
    const path = join(parts.folder, 'metrics.jsonl')
    for (const at of [7, 13, 24]) {
      const { listeners } = stopAt(at)
      await train(parts, { listeners: [metricsLog(path), ...listeners] })
    }
    expect(newestWeights(parts.folder)).toEqual(newestWeights(whole.folder))
    const reported = (from: string) =>
      readMetrics(from).map(({ step, loss, validLoss, measures }) => ({ step, loss, validLoss, measures }))
    expect(reported(path)).toEqual(reported(join(whole.folder, 'metrics.jsonl')))
  })

  it('are tuned by adapters, which leave the rest as it is', async () => {
    const base = towerRun(folder())
    await train(base)
    const startFrom = newestWeights(base.folder)
    const run = towerRun(folder(), { startFrom, adapter: { rank: 2 } })
    expect(run.adapter).toMatchObject({ targets: ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'] })
    const events = await eventsOf(run)
    const trained = newestWeights(run.folder)
    expect([...trained.keys()].every((name) => name.includes('lora_'))).toBe(true)
    expect(trained.size).toBe(2 * 2 * 2 * 6)
    expect(lossesOf(events).at(-1)!).toBeLessThan(lossesOf(events)[0]!)
  })

  it('say what to do about a batch that does not fit in memory', async () => {
    const limit = (event: TrainEvent): void => {
      if (event.type === 'started') setMemoryLimit(memory().currentBytes + 30_000)
    }
    try {
      await expect(train(towerRun(folder(), { guard: false }), { listeners: [limit] })).rejects.toMatchObject(
        {
          code: 'train_out_of_memory',
          message: expect.stringContaining('a batch of 6 rows that are compared'),
          help: expect.stringContaining('batch.cacheRows'),
        },
      )
    } finally {
      setMemoryLimit(undefined)
    }
  })

  it('are planned from their configuration', () => {
    const plan = planRun(towerRun(folder()))
    expect(plan).toMatchObject({ unit: 'pairs', tokensPerStep: 6, stepsPerEpoch: 2 })
    const cached = planRun(towerRun(folder(), { batch: { windows: 6, accumulate: 1, cacheRows: 1 } }))
    expect(cached.bytes.activations).toBeLessThan(plan.bytes.activations)
    const { techniques } = planTechniques(towerRun(folder()), 2 ** 30)
    const flags = techniques.map((technique) => technique.flags)
    expect(flags).toContain('--batch-cache-rows 3')
    // Half a contrastive batch twice is another loss.
    expect(flags.join(' ')).not.toContain('accumulate')
  })
})

describe('settings that do not apply to a dual encoder are issues', () => {
  const issuesOf = (options: object): string => {
    try {
      defineRun({ ...towerOptions('unused'), ...options } as RunOptions)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const data = (change: object): object => ({
    data: { train: { ...colours(12), ...change }, valid: colours(12) },
  })
  const contrastive = (change: object): object => ({ objective: { kind: 'contrastive', ...change } })
  const weights: Weights = new Map([['w', { shape: [1], values: Float32Array.of(1) }]])
  it.each([
    [{}, 'none'],
    [
      { batch: { windows: 6, accumulate: 2 } },
      'batch.accumulate is 2; a contrastive loss compares the rows of one pass',
    ],
    [{ batch: { windows: 6, accumulate: 1, cacheRows: 0 } }, 'batch.cacheRows is 0'],
    [{ batch: { windows: 1, accumulate: 1 } }, 'batch.windows is 1; a contrastive loss compares at least 2'],
    [{ batch: { windows: 13, accumulate: 1 } }, 'batch.windows is 13, but data.train has only 12 images'],
    [
      { batch: { windows: 6, accumulate: 1, cacheRows: 2 }, checkpointing: { every: 1 } },
      'both recompute the encoders: remove one',
    ],
    [
      { model: resNet, checkpointing: { every: 1 } },
      'the image encoder is a ResNet, which does not support it',
    ],
    [
      { model: resNet, batch: { windows: 6, accumulate: 1, cacheRows: 2 } },
      'batch norms of the ResNet image encoder',
    ],
    [{ rates: { text: 0 } }, 'rates.text is 0; it must be a rate above 0'],
    [{ rates: { bottom: 1 } }, 'rates.bottom is unknown'],
    [{ objective: { kind: 'tokens' } }, 'objective.kind is "tokens"; a dual encoder learns contrastive'],
    [contrastive({ loss: 'hinge' }), 'objective.loss is "hinge"'],
    [contrastive({ loss: 'sigmoid' }), 'learns a bias; set its initial value in model.logit_bias_init_value'],
    [
      { model: withBias, ...contrastive({ loss: 'sigmoid', textWeight: 1 }) },
      'objective.textWeight is 1; the sigmoid',
    ],
    [contrastive({ textWeight: -1 }), 'objective.textWeight is -1'],
    [contrastive({ textWeight: 0, imageWeight: 0 }), 'nothing would be learnt'],
    [contrastive({ captionsPerImage: 0 }), 'objective.captionsPerImage is 0'],
    [contrastive({ maxLogitScale: 200 }), 'objective.maxLogitScale is 200'],
    [contrastive({ textweight: 1 }), 'objective.textweight is unknown; did you mean textWeight?'],
    [{ lossChunkTokens: 8 }, 'lossChunkTokens is 8; it applies to token losses'],
    [{ parallel: { data: 2 } }, 'parallel.data is 2; it parallelizes language models'],
    [
      { adapter: { targets: ['o_proj'] }, startFrom: weights },
      'o_proj" is not a linear module of the model; did you mean',
    ],
    [
      { adapter: { targets: ['token_embedding'] }, startFrom: weights },
      'token_embedding" is not a linear module',
    ],
    [data({ imageSize: 16 }), 'data.train has images of 16 pixels; the image encoder expects 8'],
    [data({ captions: [[[0, 1]]] }), 'data.train has 1 images; a contrastive loss compares at least 2'],
    [data({ captions: [[], [[0, 1]]] }), 'captions[0] must be a non-empty list of captions'],
    [data({ captions: [[[0, 2]], [[0, 1]]] }), 'caption of image 0 without its end token 1'],
    [data({ captions: [[[0, 1]], [[0, 40, 1]]] }), 'caption of image 1 with token 40'],
    [data({ captions: [[[0, 1]], [[0, 2, 2, 2, 2, 2, 1]]] }), 'caption of image 1 with 7 tokens'],
    [data({ load: 7 }), 'data.train load must be a function'],
    [data({ fingerprint: '' }), 'data.train fingerprint is ""'],
    [{ model: { ...tinyClip, projection_dim: 0 } }, 'model.projection_dim is 0'],
    [{ model: { ...tinyClip, text_config: undefined } }, 'model.text_config is missing'],
    [{ model: undefined }, 'model is missing'],
    [{ batch: undefined }, 'batch is missing'],
  ])('%j', (options, wanted) => {
    expect(issuesOf(options)).toContain(wanted)
  })
})
