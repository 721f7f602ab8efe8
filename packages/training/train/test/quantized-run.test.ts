/** Quantised runs: their course, their state, and that a run stopped in any phase ends bit-identically. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModel, initializeDecoder, loadParameters, type ModelConfig, type Windows } from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import {
  courseChanges,
  defineRun,
  fromHost,
  type MetricsLine,
  mergedWeights,
  metricsLog,
  newestWeights,
  quantizationOf,
  type Run,
  type RunOptions,
  type RunQuantization,
  readMetrics,
  roundedWeights,
  type TrainEvent,
  type TrainListener,
  toHost,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { imageOptions, smallResNet } from './tiny-images.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-quantized-'))
afterAll(() => rmSync(root, { recursive: true }))

/** 3 steps in fp32, 3 in 16 bits, 6 rounded. */
const course = { fp32Steps: 3, halfSteps: 3 }

function decoderRun(
  folder: string,
  quantization: Partial<RunQuantization>,
  more: Partial<RunOptions<ModelConfig>> = {},
): Run {
  const options = tinyOptions(folder)
  return defineRun({
    ...options,
    model: { ...options.model, hidden_size: 32, intermediate_size: 64 },
    schedule: { ...options.schedule, totalSteps: 12 },
    quantization: { ...course, ...quantization },
    ...more,
  })
}

/** The frozen base weights of adapters. */
const frozen = ({ model }: RunOptions<ModelConfig>): Weights =>
  scope(() => {
    manualSeed(11)
    const module = createModel(model)
    initializeDecoder(module.parameters(), model.num_hidden_layers)
    return toHost(module.parameters())
  })

function adaptedRun(folder: string, quantization: Partial<RunQuantization>, dora = false): Run {
  const options = decoderRun(folder, { ...quantization, halfSteps: 0 }) as RunOptions<ModelConfig>
  return defineRun({ ...options, startFrom: frozen(options), adapter: { rank: 4, alpha: 16, dora } })
}

function imageRun(folder: string, quantization: Partial<RunQuantization> = {}): Run {
  const options = imageOptions(folder, smallResNet)
  return defineRun({
    ...options,
    schedule: { ...options.schedule, totalSteps: 12 },
    evaluate: { everySteps: 4 },
    quantization: {
      ...course,
      observeSteps: 2,
      freezeObserversStep: 9,
      freezeNormsStep: 10,
      ...quantization,
    },
  })
}

async function execute(run: Run, stopAfter = Number.POSITIVE_INFINITY): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  const stop: TrainListener = (event, control) => {
    events.push(event)
    if (event.type === 'step' && event.step === stopAfter) control.stop('asked')
  }
  await train(run, { listeners: [metricsLog(join(run.folder, 'metrics.jsonl')), stop] })
  return events
}

function newest({ folder }: Run): Buffer {
  const names = readdirSync(join(folder, 'checkpoints')).sort()
  return readFileSync(join(folder, 'checkpoints', names.at(-1)!))
}

const metricsOf = (run: Run): MetricsLine[] =>
  readMetrics(join(run.folder, 'metrics.jsonl')).map(
    ({ seconds: _, memoryBytes: __, memory: ___, ...line }) => {
      const { endedAt: ____, outsideSeconds: _____, ...rest } = line as Record<string, unknown>
      return rest as unknown as MetricsLine
    },
  )

describe.each<[string, (folder: string) => Run]>([
  ['a decoder for q8_0 that reads int8', (folder) => decoderRun(folder, { activations: 'int8' })],
  ['a decoder for q4_0 in bf16', (folder) => decoderRun(folder, { weights: 'q4_0' }, { precision: 'bf16' })],
  [
    'a decoder for groups of int4, fp16 before',
    (folder) => decoderRun(folder, { weights: 'int4', half: 'fp16' }),
  ],
  [
    'adapters beside a decoder for q4_0',
    (folder) => adaptedRun(folder, { weights: 'q4_0', activations: 'int8' }),
  ],
  ['a ResNet for int8', (folder) => imageRun(folder)],
  ['a ResNet whose activations stay as they are', (folder) => imageRun(folder, { activations: 'none' })],
  ['a ResNet whose observers keep histograms', (folder) => imageRun(folder, { observer: 'histogram' })],
])('%s', (title, make) => {
  const name = title.replaceAll(' ', '-')
  const reference = make(join(root, name))

  it('is the same to the bit wherever it was stopped, at phases and between', async () => {
    await execute(reference)
    for (const step of runsSlowTests ? [2, 3, 5, 6, 8, 9] : [3, 6, 8, 9]) {
      const run = make(join(root, `${name}-${step}`))
      await execute(run, step)
      await execute(run)
      expect(newest(run).equals(newest(reference)), `stopped after ${step}`).toBe(true)
      expect(metricsOf(run)).toEqual(metricsOf(reference))
    }
  })
})

describe('the course of a run', () => {
  it('is reported and logged, phase by phase', async () => {
    const run = imageRun(join(root, 'told'))
    const events = await execute(run)
    const reported = events.flatMap((event) =>
      event.type === 'phase' ? [`${event.step} ${event.message}`] : [],
    )
    expect(courseChanges(run).map(({ step, message }) => `${step} ${message}`)).toEqual(reported)
    expect(reported).toEqual([
      '1 computes in fp32',
      '4 computes in bf16',
      '5 ranges are observed',
      '7 weights are int8 and activations int8, computed in fp32',
      '10 ranges are frozen',
      '11 batch norms keep their running statistics',
    ])
    expect(metricsOf(run).filter(({ phase }) => phase !== undefined)).toHaveLength(6)
  })

  it('has the losses of a run in fp32 as long as it is one, and others after', async () => {
    const losses = (events: readonly TrainEvent[]): number[] =>
      events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))
    const quantized = losses(await execute(decoderRun(join(root, 'losses'), { weights: 'q4_0' })))
    const { quantization: _, ...plain } = decoderRun(join(root, 'losses-plain'), {})
    const expected = losses(await execute(defineRun(plain)))
    expect(quantized.slice(0, 3)).toEqual(expected.slice(0, 3))
    for (const step of [3, 7]) expect(quantized[step]).not.toBe(expected[step])
    for (const [step, loss] of quantized.entries()) expect(Math.abs(loss - expected[step]!)).toBeLessThan(0.3)
  })

  it('is the same whether layers are computed again or kept', async () => {
    const losses = async (name: string, more: Partial<RunOptions<ModelConfig>>): Promise<number[]> => {
      const run = decoderRun(join(root, name), { activations: 'int8', fp32Steps: 1, halfSteps: 1 }, more)
      return (await execute(run)).flatMap((event) => (event.type === 'step' ? [event.loss] : []))
    }
    const again = await losses('computed-again', { checkpointing: { every: 1 } })
    for (const [step, loss] of (await losses('kept', {})).entries()) expect(again[step]).toBeCloseTo(loss, 4)
  })

  it('scales the loss of its steps in fp16 alone', async () => {
    const events = await execute(decoderRun(join(root, 'fp16'), { half: 'fp16' }))
    const scaled = events.flatMap((event) =>
      event.type === 'step' && event.lossScale !== undefined ? [event.step] : [],
    )
    expect(scaled).toEqual([4, 5, 6])
  })

  it('keeps as best, and counts against patience, rounded models alone', async () => {
    const run = decoderRun(
      join(root, 'best'),
      {},
      { evaluate: { everySteps: 2 }, checkpoint: { everySteps: 4, keep: 1, best: 9 } },
    )
    const events = await execute(run)
    const best = events.flatMap((event) => (event.type === 'best' ? [event.step] : []))
    expect(best.every((step) => step > 6)).toBe(true)
    expect(best.length).toBeGreaterThan(0)
  })
})

/** Two layers with products of up to 64 terms, and the mean over windows. */
const closeness = { roundings: 500 }

/** Held-out loss of weights outside of any run. */
const lossOf = (run: Run, weights: Weights): number =>
  scope(() => {
    const config = run.model as ModelConfig
    const model = createModel(config)
    loadParameters(model.parameters(), fromHost(weights))
    const { inputs, targets, length, count } = run.data.valid as Windows
    const ids_bt = torch.tensor(inputs, { shape: [count, length] }).long()
    const logits = noGrad(() => model.forward(ids_bt))
    const chosen = torch.tensor(targets).long()
    return torch
      .crossEntropyLoss(logits.reshape([-1, config.vocab_size]), chosen, { ignoreIndex: -100 })
      .item() as number
  })

it('evaluation reports the loss of the rounded model, equal to the exported weights, and the unrounded loss', async () => {
  const run = decoderRun(join(root, 'evaluated'), { weights: 'q4_0' })
  const events = await execute(run)
  const last = events.filter((event) => event.type === 'evaluated').at(-1)!
  const weights = newestWeights(run.folder)
  const config = run.model as ModelConfig
  const rounded = roundedWeights(config, weights, quantizationOf(run)!)
  expectClose(last.loss, lossOf(run, rounded), closeness)
  expectClose(last.measures!.unquantizedLoss!, lossOf(run, weights), closeness)
  expect(last.loss).not.toBeCloseTo(last.measures!.unquantizedLoss!, 5)
  const [first] = events.filter((event) => event.type === 'evaluated')
  expect(first!.measures).toBeUndefined()
})

it.each([false, true])(
  'rounds weights together with their adapters, like merged weights (DoRA %s)',
  async (dora) => {
    const run = adaptedRun(join(root, `merged-${dora}`), { weights: 'q4_0' }, dora)
    const events = await execute(run)
    const losses = events.flatMap((event) => (event.type === 'evaluated' ? [event] : []))
    expect(losses.at(-1)!.loss).toBeLessThan(losses[0]!.loss)
    const file = { weights: newestWeights(run.folder), adapter: run.adapter!, baseModel: '' }
    const merged = mergedWeights(run.startFrom!, file)
    const served = roundedWeights(run.model as ModelConfig, merged, quantizationOf(run)!)
    expectClose(losses.at(-1)!.loss, lossOf(run, served), closeness)
    expectClose(losses.at(-1)!.measures!.unquantizedLoss!, lossOf(run, merged), closeness)
  },
)

it('exports averaged weights as they were evaluated', async () => {
  const run = decoderRun(join(root, 'average'), { weights: 'q4_0' }, { average: { decay: 0.9 } })
  const events = await execute(run)
  const last = events.filter((event) => event.type === 'evaluated').at(-1)!
  expect(Number.isFinite(last.loss)).toBe(true)
  expect(last.loss).not.toBe(last.measures!.unquantizedLoss)
})
