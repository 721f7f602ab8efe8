import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelConfig, packStream } from '@hadal/nn'
import { type AllocatorState, memory, scope, setNumThreads } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../../test/tiny-events.ts'
import { plainStep } from '../display/block.ts'
import { eventLine } from '../display/event-line.ts'
import { plain } from '../display/paint.ts'
import { RunFigures } from '../display/run-figures.ts'
import type { TrainEvent } from '../events.ts'
import { metricsLog, readMetrics } from '../metrics-log.ts'
import { defineRun, type RunOptions } from '../run.ts'
import { Session } from '../session.ts'
import { tensorboardLog } from '../tensorboard/tensorboard-log.ts'
import { train } from '../train.ts'
import { trainStep } from '../train-step.ts'
import { wandbMetrics } from '../wandb/wandb-metrics.ts'
import { emptyingDue } from './empty-when-due.ts'
import { memoryIssues } from './memory-options.ts'
import { planMemory } from './plan-memory.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-step-memory-'))
afterAll(() => rmSync(root, { recursive: true }))

const windows = packStream([Array.from({ length: 1500 }, (_, i) => (i * i) % 90)], 32, 3)
const options = (change: Partial<RunOptions<ModelConfig>> = {}): RunOptions<ModelConfig> => ({
  name: 'memory',
  folder: join(root, 'run'),
  model: {
    vocab_size: 128,
    hidden_size: 48,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
    rms_norm_eps: 1e-5,
    rope_theta: 1e4,
    tie_word_embeddings: true,
  },
  data: { train: windows, valid: windows },
  batch: { windows: 8, accumulate: 3 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 4, floorFraction: 1 },
  evaluate: { everySteps: 100 },
  average: {},
  ...change,
})

describe('a step', () => {
  it.each(['fp32', 'bf16'] as const)('in %s says whose its memory is, as it was planned', (precision) =>
    scope(async () => {
      const before = memory().currentBytes
      const run = defineRun(options({ precision }))
      const session = new Session(run)
      trainStep(session, await session.nextBatch(), 1e-3, 1)
      const { memory: measured } = trainStep(session, await session.nextBatch(), 1e-3, 1)
      const { bytes, phases } = planMemory(run)
      const { peakBytes, phase, weights, ...owned } = measured
      expect(weights - before).toBeGreaterThan(0.99 * bytes.weights)
      expect(weights - before).toBeLessThan(1.01 * bytes.weights)
      expect(peakBytes).toBe(weights + owned.gradients + owned.optimizer + owned.average + owned.activations)
      expect(owned.gradients).toBe(bytes.gradients)
      for (const owner of ['optimizer', 'average'] as const)
        expect(Math.abs(owned[owner] - bytes[owner])).toBeLessThan(16)
      expect(Math.abs(owned.activations / bytes.activations - 1)).toBeLessThan(0.1)
      expect(phases[phase]).toBe(Math.max(...Object.values(phases)))
    }),
  )

  it('of many passes holds one sum of gradients, not one for each', () =>
    scope(async () => {
      const peaks: number[] = []
      for (const accumulate of [2, 6]) {
        await scope(async () => {
          const session = new Session(defineRun(options({ batch: { windows: 1, accumulate } })))
          trainStep(session, await session.nextBatch(), 1e-3, 1)
          const { memory: measured } = trainStep(session, await session.nextBatch(), 1e-3, 1)
          peaks.push(measured.peakBytes)
        })
      }
      expect(peaks[1]! / peaks[0]!).toBeLessThan(1.02)
    }))
})

describe('the allocator is emptied', () => {
  const state = (freeBytes: number) => (): AllocatorState => ({ inUseBytes: 60, freeBytes })
  it('every N steps, or when much of what it holds is free', () => {
    const never = (): AllocatorState => {
      throw new Error('asked without need')
    }
    expect(emptyingDue({}, 4, never)).toBeUndefined()
    expect(emptyingDue({ emptyEverySteps: 3 }, 4, never)).toBeUndefined()
    expect(emptyingDue({ emptyEverySteps: 2, emptyAtFragmentation: 0.4 }, 4, never)).toBe('schedule')
    expect(emptyingDue({ emptyAtFragmentation: 0.4 }, 4, state(40))).toBeUndefined()
    expect(emptyingDue({ emptyAtFragmentation: 0.4 }, 4, state(41))).toBe('fragmentation')
  })

  it('by the loop, which reports it', async () => {
    const events: TrainEvent[] = []
    const run = defineRun(options({ memory: { emptyEverySteps: 2 } }))
    await train(run, { listeners: [(event) => void events.push(event)] })
    const emptied = events.filter((event) => event.type === 'emptied')
    expect(emptied.map(({ step, reason }) => [step, reason])).toEqual([
      [2, 'schedule'],
      [4, 'schedule'],
    ])
    const steps = events.filter((event) => event.type === 'step')
    expect(steps.every(({ memory: held }) => held!.peakBytes > held!.weights)).toBe(true)
  })
})

it('issues of memory settings are named with their values', () => {
  expect(memoryIssues({ limit: '4GiB', emptyEverySteps: 5, emptyAtFragmentation: 0.5 })).toEqual([])
  expect(memoryIssues({ limit: 0, emptyEverySteps: 0, emptyAtFragmentation: 1 })).toEqual([
    'memory.limit is 0; it must be above 0',
    'memory.emptyEverySteps is 0; it must be a whole number of at least 1',
    'memory.emptyAtFragmentation is 1; it must be from 0 to below 1',
  ])
  expect(memoryIssues({ limit: 'much' })).toEqual([expect.stringMatching(/^memory.limit is "much"; /)])
})

describe('what a step held is reported', () => {
  const held = {
    peakBytes: 6 * 2 ** 20,
    phase: 'back',
    weights: 2 ** 20,
    gradients: 2 ** 20,
    optimizer: 2 * 2 ** 20,
    average: 0,
    activations: 2 * 2 ** 20,
  } as const
  const event = stepEvent({ step: 1, memory: held })

  it('to the metrics file and to Weights & Biases', () => {
    const path = join(root, 'metrics.jsonl')
    const log = metricsLog(path)
    log(startedEvent())
    log(event)
    expect(readMetrics(path)[0]!.memory).toEqual(held)
    expect(wandbMetrics(event, { flopsPerToken: 1 })).toMatchObject({
      'memory/peak_bytes': 6 * 2 ** 20,
      'memory/optimizer_bytes': 2 * 2 ** 20,
      'memory/average_bytes': 0,
    })
  })

  it('to TensorBoard', () => {
    const folder = join(root, 'tensorboard')
    const log = tensorboardLog(folder)
    log(startedEvent())
    log(event)
    const written = readFileSync(join(folder, readdirSync(folder)[0]!), 'latin1')
    for (const name of ['memory/peak_mib', 'memory/activations_mib']) expect(written).toContain(name)
  })

  it('and shown, alongside the memory of the process', () => {
    const figures = new RunFigures({ name: 'r', flopsPerToken: 6 })
    figures.step({ ...event, memoryBytes: 9 * 2 ** 20 })
    expect(plainStep(figures.current!)).toContain('9.0 MiB  tensors 6.0 MiB  epoch')
    const emptied = { reason: 'schedule', freeBytesBefore: 5 * 2 ** 20, freeBytesAfter: 2 ** 20 } as const
    expect(eventLine({ type: 'emptied', step: 4, ...emptied }, plain)).toBe(
      'step 4  4.0 MiB of free memory released',
    )
  })
})
