/** Image classifiers as a run's model: trained, resumed bit-exactly, and unsupported settings. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageClassifierConfig } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  newestWeights,
  planRun,
  type Run,
  type RunOptions,
  type TrainEvent,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { imageOptions, imageRun, quarters, smallNetwork } from './tiny-images.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-images-'))
afterAll(() => rmSync(root, { recursive: true }))

const withBatchNorm: ImageClassifierConfig = {
  ...smallNetwork,
  layers: smallNetwork.layers.map((layer) => (layer.kind === 'group-norm' ? { kind: 'batch-norm' } : layer)),
}
const perceptron: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { features: 64 },
  layers: [{ kind: 'linear', width: 8 }, { kind: 'gelu' }],
  classes: 4,
}
const features = (count: number, first: number) => {
  const { labels, pixels } = quarters(count, first)
  return { shape: [64], labels, pixels: Float32Array.from(pixels, (value) => value / 128 - 1) }
}

async function eventsOf(run: Run): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  return events
}
const lossesOf = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))

describe('an image classifier', () => {
  it.each([
    ['with convolutions', imageOptions(join(root, 'cnn'))],
    ['with running statistics', imageOptions(join(root, 'batch-norm'), withBatchNorm)],
    ['in bf16', { ...imageOptions(join(root, 'bf16')), precision: 'bf16' as const }],
    [
      'of features',
      {
        ...imageOptions(join(root, 'features'), perceptron),
        data: { train: features(64, 0), valid: features(20, 1000) },
      },
    ],
  ])('learns %s, and its accuracy is reported', async (_, options) => {
    const events = await eventsOf(defineRun(options))
    const losses = lossesOf(events)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    const [started, last] = [events[0]!, events.filter(({ type }) => type === 'evaluated').at(-1)!]
    expect(started).toMatchObject({ type: 'started', unit: 'images' })
    expect(last).toMatchObject({ measures: { accuracy: expect.any(Number) } })
    if (last.type === 'evaluated') expect(last.measures!.accuracy).toBeGreaterThan(0.8)
  })

  it.each([
    ['plain', smallNetwork, {}],
    ['with statistics', withBatchNorm, {}],
    ['with views', smallNetwork, { augmentation: { views: 3, flip: 0.5, shift: 2 } }],
  ])('goes on to the bit: %s', async (name, model, drawn) => {
    const run = (folder: string): Run => {
      const options = imageOptions(join(root, `${name} ${folder}`), model)
      return defineRun({
        ...options,
        data: { train: { ...quarters(64, 0), ...drawn }, valid: quarters(20, 7) },
      })
    }
    const whole = run('whole')
    await train(whole)
    const parts = run('parts')
    for (const stopAt of [7, 13, 24])
      await train(parts, {
        listeners: [
          (event, control) => void (event.type === 'step' && event.step === stopAt && control.stop('test')),
        ],
      })
    expect(newestWeights(parts.folder)).toEqual(newestWeights(whole.folder))
  })

  it('reads views of one sample side by side, and each pass draws others', async () => {
    const events = await eventsOf(
      defineRun({
        ...imageOptions(join(root, 'views')),
        data: {
          train: { ...quarters(8, 0), augmentation: { views: 2, shift: 1 } },
          valid: quarters(8, 3),
        },
      }),
    )
    expect(events.find(({ type }) => type === 'step')).toMatchObject({ tokens: 8 })
    const plain = await eventsOf(
      defineRun({
        ...imageOptions(join(root, 'no views')),
        data: { train: quarters(8, 0), valid: quarters(8, 3) },
      }),
    )
    expect(lossesOf(events)[0]).not.toBe(lossesOf(plain)[0])
  })

  it('is planned from its configuration', () => {
    const plan = planRun(imageRun(join(root, 'plan')))
    expect(plan).toMatchObject({ unit: 'images', tokensPerStep: 8, stepsPerEpoch: 8 })
    // 4 · 9 + 4, twice 4, 64 · 16 + 16, 16 · 4 + 4.
    expect(plan.parameters).toBe(40 + 8 + 1040 + 68)
    // Places times weights: 64 · 36, 1024 and 64; forward and back are 6 operations each.
    expect(plan.flopsPerToken).toBe(6 * (64 * 36 + 1024 + 64))
  })
})

describe('settings that do not apply to an image classifier are issues', () => {
  const issuesOf = (change: object): string => {
    try {
      defineRun({ ...imageOptions('unused'), ...change } as RunOptions)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const data = (train: object, valid: object = {}): object => ({
    data: { train: { ...quarters(8, 0), ...train }, valid: { ...quarters(8, 0), ...valid } },
  })
  const model = (change: object): object => ({ model: { ...smallNetwork, ...change } })
  it.each([
    [{}, 'none'],
    [{ objective: { kind: 'tokens' } }, 'objective.kind is "tokens"; an image classifier learns classes'],
    [
      { objective: { kind: 'classes', classes: 3 } },
      'objective.classes is 3; the model has 4 classes (model.classes)',
    ],
    [{ evaluate: { everySteps: 1, samples: {} } }, 'evaluate.samples requires a language model'],
    [{ lossChunkTokens: 8 }, 'lossChunkTokens is 8; it applies to token losses'],
    [{ rates: {} }, 'rates require a language model'],
    [{ rates: { bottom: 1 } }, 'rates.bottom is unknown'],
    [{ expertBalanceRate: 0.1 }, 'expertBalanceRate is 0.1; it balances experts'],
    [{ parallel: { data: 2 } }, 'parallel.data is 2; it parallelizes language models'],
    [{ checkpointing: { every: 1 } }, 'checkpointing.every is 1; an image classifier does not support'],
    [{ checkpointing: { memoryTarget: '1GiB' } }, 'checkpointing.memoryTarget is "1GiB"'],
    [{ precision: 'fp8' }, 'precision is "fp8", but the model is an image classifier: use'],
    [data({ shape: [64] }), 'data.train has samples of shape [64]; model.input is [1,8,8]'],
    [data({ pixels: new Uint8Array(3) }), 'data.train pixels has 3 numbers'],
    [data({ pixels: [1, 2] }), 'data.train pixels is neither Uint8Array nor Float32Array'],
    [
      data({ labels: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 4) }),
      'data.train label 4 of sample 7 must be below the number of classes (4)',
    ],
    [data({ pixels: new Float32Array(512).fill(Number.NaN) }), 'data.train sample 0 contains NaN'],
    [data({ normalization: { mean: [1, 2], std: 1 } }), 'normalization.mean has 2 numbers'],
    [data({ normalization: { mean: 0, std: 0 } }), 'normalization.std is 0; it must be above 0'],
    [data({ augmentation: { views: 0 } }), 'augmentation.views is 0'],
    [data({ augmentation: { flips: 1 } }), 'augmentation.flips is unknown'],
    [data({ augmentation: { flip: 2 } }), 'augmentation.flip is 2'],
    [data({ augmentation: { shift: 8 } }), 'augmentation.shift is 8; it must be a whole number from 0 to 7'],
    [data({}, { augmentation: {} }), 'data.valid augmentation applies only to training data'],
    [{ data: { train: { length: 1 }, valid: quarters(8, 0) } }, 'labelled images or images with captions'],
    [
      model({ input: undefined, layers: 7 }),
      'model.input is undefined; it must be { channels, height, width }',
    ],
    [
      { ...model({ layers: undefined }), adapter: {}, startFrom: new Map() },
      'model.layers is undefined; it must be a list',
    ],
    [model({ classes: 1 }), 'model.classes is 1; it must be a whole number of at least 2'],
    [model({ input: { features: 0 } }), 'model.input.features is 0'],
    [model({ layers: [{ kind: 'linaer', width: 2 }] }), 'model.layers[0].kind is "linaer"'],
    [
      model({ layers: [{ kind: 'linear', size: 2 }] }),
      'model.layers[0].size is unknown; linear accepts width',
    ],
    [model({ layers: [{ kind: 'conv', channels: 2, kernel: 9 }] }), 'model.layers[0] (conv) leaves [2,0,0]'],
    [
      model({ layers: [{ kind: 'flatten' }, { kind: 'batch-norm' }] }),
      'model.layers[1] (batch-norm) expects images',
    ],
    [model({ layers: [{ kind: 'group-norm', groups: 3 }] }), 'model.layers[0].groups is 3; it must divide'],
  ])('%j', (change, wanted) => {
    expect(issuesOf(change)).toContain(wanted)
  })
})
