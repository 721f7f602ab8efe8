/** Layer-wise learning rates in a run: validation, effect on each parameter, and resuming. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LayerRates, type Schedule, wantedTensors } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type HostTensor,
  metricsLog,
  newestWeights,
  type RunOptions,
  readMetrics,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-layer-rates-'))
afterAll(() => rmSync(root, { recursive: true }))

const peak = 0.02
const withRates = (rates: LayerRates | undefined, name = 'unused'): RunOptions => ({
  ...tinyOptions(join(root, name)),
  ...(rates && { rates }),
})

describe('what is said of them', () => {
  const fingerprint = (rates?: LayerRates, change: Partial<RunOptions> = {}): string =>
    defineRun({ ...withRates(rates), ...change }).fingerprint

  it('is rejected with every issue, and the nearest key for an unknown one', () => {
    const rates = { botom: 1e-3, top: 0.1, shape: [1e-3], decay: 2 }
    expect(() => defineRun(withRates(rates as LayerRates))).toThrow(
      /rates\.botom is unknown; did you mean bottom\?[\s\S]*rates\.top is 0\.1; it must be the schedule's peak, 0\.02[\s\S]*rates\.shape has 1 rates; the model has 2 layers[\s\S]*rates\.decay is 2[\s\S]*rates\.decay implies geometric rates/,
    )
    for (const rates of [null, 1, 'linear'] as unknown as LayerRates[])
      expect(() => defineRun({ ...withRates({}), rates })).toThrow(/rates is .*; it must be an object/)
  })

  it('makes another run where it makes other rates, however it is written', () => {
    const usual = fingerprint({})
    expect(fingerprint({ bottom: peak / 10, top: peak, shape: 'linear' })).toBe(usual)
    expect(fingerprint({ shape: [peak / 10, peak] })).toBe(usual)
    expect(fingerprint({ decay: 0.5 })).toBe(fingerprint({ bottom: peak / 2, shape: 'geometric' }))
    const schedule = { ...withRates({}).schedule, peak: 0.01 }
    const others = [fingerprint(), fingerprint({ bottom: 1e-3 }), fingerprint({}, { schedule })]
    expect(new Set([usual, ...others]).size).toBe(4)
  })
})

const factors: readonly (readonly [RegExp, number])[] = [
  [/embed_tokens|layers\.0\./, 0.25],
  [/layers\.1\.|norm\.weight|score/, 1],
]
const factorOf = (name: string): number => factors.find(([names]) => names.test(name))![1]

/** Far enough that weights in fp32 show how far. */
const far = 30

/** One step of plain descent: how far it took each weight. */
async function moved(options: RunOptions, before: Weights, name: string): Promise<Map<string, number[]>> {
  const folder = join(root, name)
  const one: RunOptions = {
    ...options,
    folder,
    optimizer: { kind: 'sgd', momentum: 0 },
    clipNorm: 1e6,
    schedule: { peak: far, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
  }
  await train(defineRun(one))
  return new Map(
    [...newestWeights(folder)].map(([name, { values }]) => [
      name,
      [...values].map((value, index) => value - (before.get(name)?.values[index] ?? 0)),
    ]),
  )
}

const wave = (shape: readonly number[], seed: number): HostTensor => ({
  shape: [...shape],
  values: Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    (_, index) => Math.sin((100 * seed + index + 1) ** 2) / 4,
  ),
})

const start: Weights = new Map(
  [...wantedTensors(tinyOptions('').model)].map(({ name, shape }, seed) => [name, wave(shape, seed)]),
)

describe('a step', () => {
  const rates = { bottom: far / 4 }

  const expectLayered = (layered: Map<string, number[]>, even: Map<string, number[]>): void => {
    for (const [name, moves] of layered) {
      const whole = even.get(name)!
      const longest = Math.max(...whole.map(Math.abs))
      expect(longest, name).toBeGreaterThan(1e-3)
      moves.forEach((move, index) => {
        expect(Math.abs(move - factorOf(name) * whole[index]!) / longest, name).toBeLessThan(1e-3)
      })
    }
  }

  it('of everything takes each layer as far as its rate says; tied embeddings are the bottom', async () => {
    const options = { ...withRates(undefined), startFrom: start }
    const even = await moved(options, start, 'even')
    const layered = await moved({ ...options, rates }, start, 'layered')
    expectLayered(layered, even)
  })

  it('moves adapters by the rate of the layer they belong to', async () => {
    // Initially only B changes, from 0.
    const options = { ...withRates(undefined), startFrom: start, adapter: { rank: 2, alpha: 8 } }
    const even = await moved(options, new Map(), 'even-adapter')
    const layered = await moved({ ...options, rates }, new Map(), 'layered-adapter')
    const ofB = new Map([...layered].filter(([name]) => name.includes('lora_B')))
    expect(ofB.size).toBe(14)
    expectLayered(ofB, even)
  })
})

it('resume to the bit, and say the rate of the top', async () => {
  const schedule: Schedule = { kind: 'inverse-sqrt', peak, warmupSteps: 3, totalSteps: 12 }
  const options = (name: string): RunOptions => ({ ...withRates({ decay: 0.3 }, name), schedule })
  const whole = options('whole')
  await train(defineRun(whole), { listeners: [metricsLog(join(whole.folder, 'metrics.jsonl'))] })
  const parts = options('parts')
  await train(defineRun(parts), {
    listeners: [
      (event, control) => {
        if (event.type === 'step' && event.step === 7) control.stop('half')
      },
    ],
  })
  await expect(train(defineRun({ ...parts, rates: { decay: 0.4 } }))).rejects.toMatchObject({
    code: 'train_run_changed',
  })
  await train(defineRun(parts))
  expect(newestWeights(parts.folder)).toEqual(newestWeights(whole.folder))
  const rates = readMetrics(join(whole.folder, 'metrics.jsonl')).map(({ learningRate }) => learningRate ?? 0)
  expect(Math.max(...rates)).toBe(peak)
})
