/** Kinds of adapters through the loop: dropout, DoRA, frozen weights in NF4. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createModel,
  initializeDecoder,
  isLoraTensor,
  type LoraOptions,
  type ModelConfig,
  type Precision,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  mergedWeights,
  newestWeights,
  type Run,
  type RunOptions,
  readCheckpoint,
  type TrainListener,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-adapter-kinds-'))
afterAll(() => rmSync(root, { recursive: true }))

let base: Weights
beforeAll(async () => {
  const { schedule, ...rest } = tinyOptions(join(root, 'base'))
  await train(defineRun({ ...rest, schedule: { ...schedule, totalSteps: 8 } }))
  base = newestWeights(rest.folder)
})

const everything: Partial<LoraOptions> = { rank: 3, dora: true, dropout: 0.2, quantization: 'nf4' }

function runOf(name: string, adapter: Partial<LoraOptions>, change: Partial<RunOptions> = {}): Run {
  return defineRun({
    ...tinyOptions(join(root, name)),
    startFrom: base,
    adapter,
    schedule: { peak: 0.02, warmupSteps: 2, totalSteps: 16, floorFraction: 0.5 },
    clipNorm: 10,
    ...change,
  })
}

const last = ({ folder }: Run) => readCheckpoint(join(folder, 'checkpoints/step-000000016.safetensors'))

/** Held-out losses of a whole run. */
async function losses(run: Run): Promise<number[]> {
  const found: number[] = []
  const listen: TrainListener = (event) => {
    if (event.type === 'evaluated') found.push(event.loss)
  }
  await train(run, { listeners: [listen] })
  return found
}

it.each<Precision>(['fp32', 'bf16'])('all at once learn in %s and resume to the bit', async (precision) => {
  const whole = runOf(`whole-${precision}`, everything, { precision })
  const held = await losses(whole)
  expect(Math.min(...held)).toBeLessThan(held[0]!)
  const trained = newestWeights(whole.folder)
  expect(trained.size).toBe(2 * 7 * 3)
  expect([...trained.keys()].every(isLoraTensor)).toBe(true)

  const parts = runOf(`parts-${precision}`, everything, { precision })
  const stop: TrainListener = (event, control) => {
    if (event.type === 'step' && event.step === 7) control.stop('enough')
  }
  await train(parts, { listeners: [stop] })
  await train(parts)
  expect(last(parts)).toEqual(last(whole))
})

it('what is dropped is dropped again where layers are computed twice', async () => {
  const whole = runOf('kept', everything, {})
  const twice = runOf('twice', everything, { checkpointing: { every: 1 } })
  expect(await losses(twice)).toEqual(await losses(whole))
  expect(last(twice).weights).toEqual(last(whole).weights)
})

it.each<[Precision, boolean]>([
  ['fp32', false],
  ['fp32', true],
  ['bf16', false],
  ['bf16', true],
])('learn alongside frozen weights with biases in %s, layers recomputed: %s', async (precision, again) => {
  const { model } = tinyOptions('unused')
  const biased = { ...model, model_type: 'qwen2' } as ModelConfig
  const startFrom = scope(() => {
    manualSeed(5)
    const parameters = createModel(biased).parameters()
    initializeDecoder(parameters, 2)
    return new Map(
      [...parameters].map(([name, tensor]) => {
        if (name.endsWith('.bias')) noGrad(() => tensor.normal_(0, 0.5))
        return [name, { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array }]
      }),
    )
  })
  const held = async (adapter: Partial<LoraOptions>): Promise<number[]> =>
    await losses(
      runOf(`biased-${precision}-${again}-${adapter.dora}-${adapter.quantization}`, adapter, {
        model: biased,
        startFrom,
        precision,
        schedule: { peak: 0.02, warmupSteps: 1, totalSteps: 6, floorFraction: 0.5 },
        evaluate: { everySteps: 3 },
        ...(again && { checkpointing: { every: 1 } }),
      }),
    )
  for (const dora of [false, true]) {
    const packed = await held({ rank: 3, dora, quantization: 'nf4' })
    expect(packed.at(-1)!).toBeLessThan(packed[0]!)
    // The loss curve of unpacked weights, with the values that packing gives them.
    const matrices = await held({ rank: 3, dora, quantization: 'none' })
    for (const [at, loss] of packed.entries()) expect(Math.abs(loss - matrices[at]!)).toBeLessThan(0.1)
  }
})

it.each<Partial<LoraOptions>>([
  { dropout: 0.5 },
  { dora: true },
  { quantization: 'nf4' },
  { rankPattern: { q_proj: 2 } },
])('%j makes another run of it', async (change) => {
  const [plain, other] = [runOf('unused', {}), runOf('unused', change)]
  expect(other.fingerprint).not.toBe(plain.fingerprint)
  expect(runOf('unused', { ...change, doubleQuantization: true, alpha: 32 }).fingerprint).toBe(
    other.fingerprint,
  )
})

it('merges to the model that was evaluated, as far as its weights were not rounded', async () => {
  const adapter: Partial<LoraOptions> = { rank: 3, dora: true, alphaPattern: { q_proj: 4 } }
  const run = runOf('merged', adapter)
  const held = await losses(run)
  const weights = mergedWeights(base, { weights: newestWeights(run.folder), adapter, baseModel: '' })
  // Evaluated once, after a step with a negligible update.
  const full = defineRun({
    ...tinyOptions(join(root, 'merged-full')),
    startFrom: weights,
    schedule: { peak: 1e-12, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
  })
  expectClose((await losses(full)).at(-1)!, held.at(-1)!, { roundings: 500 })
})
