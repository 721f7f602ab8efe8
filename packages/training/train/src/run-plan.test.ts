import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeOptimizer, type OptimizerChoice, packStream, saveOptimizer, wantedTensors } from '@hadal/nn'
import { memory, resetPeakMemory, scope, setNumThreads, torch } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { newestWeights } from './checkpoint-store.ts'
import { optimizerBytes } from './memory/optimizer-bytes.ts'
import { defineRun, type RunOptions } from './run.ts'
import { planRun } from './run-plan.ts'
import { Session } from './session.ts'
import { train } from './train.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-plan-'))
afterAll(() => rmSync(root, { recursive: true }))

const length = 64
const windows = packStream([Array.from({ length: 1300 }, (_, i) => (i * i) % 200)], length, 3)
const valid = packStream([Array.from({ length: 70 }, (_, i) => i)], length, 3)
const model = {
  vocab_size: 512,
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}
const options = (change: Partial<RunOptions> = {}): RunOptions => ({
  name: 'plan',
  folder: join(root, 'unused'),
  model,
  data: { train: windows, valid },
  batch: { windows: 5, accumulate: 2 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
  evaluate: { everySteps: 100 },
  ...change,
})

describe('a plan', () => {
  it('counts tokens, steps and operations', () => {
    const { stepsPerEpoch, tokensPerStep, parameters, activatedParameters, totalSteps } = planRun(
      defineRun(options()),
    )
    expect(tokensPerStep).toBe(640)
    expect(stepsPerEpoch).toBe(windows.count / 10)
    expect(parameters).toBe(activatedParameters)
    expect(totalSteps).toBe(3)
  })

  it('counts both answers of a pair', () => {
    const pairs = { chosen: windows, rejected: windows }
    const data = { train: pairs, valid: { chosen: valid, rejected: valid } }
    const plan = planRun(defineRun(options({ data, objective: { kind: 'reward' } })))
    expect(plan.tokensPerStep).toBe(1280)
    expect(plan.stepsPerEpoch).toBe(windows.count / 10)
  })

  it.each<OptimizerChoice>([
    { kind: 'adamw' },
    { kind: 'adamw-8bit', leastValues: 1000 },
    { kind: 'sgd' },
    { kind: 'sgd', momentum: 0 },
    { kind: 'lion' },
    { kind: 'adafactor' },
    { kind: 'muon' },
  ])('knows what %j keeps', (choice) => {
    const kept = scope(() => {
      const tensors = [...wantedTensors(model)]
      const parameters = new Map(tensors.map(({ name, shape }) => [name, torch.zeros([...shape])]))
      const saved = saveOptimizer(makeOptimizer(parameters, choice))
      return [...saved.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
    })
    // Besides moments there are step counters.
    expect(Math.abs(kept - optimizerBytes([...wantedTensors(model)], choice))).toBeLessThanOrEqual(16)
  })

  it('foresees the memory of a whole run, with evaluation and checkpoints', async () => {
    const run = defineRun(options({ folder: join(root, 'whole-run'), average: { decay: 0.9 } }))
    const planned = Object.values(planRun(run).bytes).reduce((sum, bytes) => sum + bytes, 0)
    const { currentBytes } = memory()
    resetPeakMemory()
    await train(run)
    expect(Math.abs(planned / (memory().peakBytes - currentBytes) - 1)).toBeLessThan(0.1)
  })

  it('knows what the guard and a checkpoint copy, and what the run begins with', async () => {
    const base = defineRun(options({ folder: join(root, 'base') }))
    await train(base)
    const startFrom = newestWeights(base.folder)
    const change = { folder: join(root, 'copies'), startFrom, average: {} }
    const run = defineRun(options(change))
    const kept = await scope(async () => {
      const { weights, optimizer, average } = new Session(run).snapshot()
      return [weights, optimizer, average]
        .flatMap((part) => [...part.values()])
        .reduce((sum, { bytes }) => sum + bytes.length, 0)
    })
    const { hostBytes, parameters } = planRun(run)
    // Besides moments and averages there are step counters.
    expect(Math.abs(hostBytes.copies - 2 * kept)).toBeLessThanOrEqual(64)
    expect(hostBytes.startFrom).toBe(parameters * 4)
    const unguarded = planRun(defineRun(options({ ...change, guard: false })))
    expect(unguarded.hostBytes.copies).toBe(hostBytes.copies / 2)
    expect(planRun(base).hostBytes.startFrom).toBe(0)
  })

  it('counts adapters alongside frozen weights', async () => {
    const whole = defineRun(options({ folder: join(root, 'whole') }))
    await train(whole)
    const change = {
      folder: join(root, 'adapter'),
      startFrom: newestWeights(whole.folder),
      adapter: { rank: 4 },
    }
    const run = defineRun(options(change))
    await train(run)
    const adapters = [...newestWeights(run.folder).values()].reduce(
      (sum, { values }) => sum + values.length,
      0,
    )
    const { trainedParameters, parameters, bytes } = planRun(run)
    expect(trainedParameters).toBe(adapters)
    // Including position tables.
    expect(bytes.weights).toBe((parameters + adapters + 128 * 16) * 4)
    expect(bytes.optimizer).toBe(adapters * 8)
  })
})
