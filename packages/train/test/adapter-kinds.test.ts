/** Kinds of adapters through the loop: dropout, DoRA, frozen weights in NF4. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLoraTensor, type LoraOptions, type Precision } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
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
  // Evaluated once, after a step that changes next to nothing.
  const full = defineRun({
    ...tinyOptions(join(root, 'merged-full')),
    startFrom: weights,
    schedule: { peak: 1e-12, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
  })
  expect((await losses(full)).at(-1)!).toBeCloseTo(held.at(-1)!, 5)
})
