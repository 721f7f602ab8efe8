import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelConfig, packStream } from '@hadal/nn'
import { memory, scope, setMemoryLimit, setNumThreads, type Tensor } from '@hadal/tensor'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../../tensor/test/expect-close.ts'
import type { TrainEvent } from '../events.ts'
import { metricsLog, readMetrics } from '../metrics-log.ts'
import { defineRun, type RunOptions } from '../run.ts'
import { Session } from '../session.ts'
import { train } from '../train.ts'
import { planMemory } from './plan-memory.ts'
import { peakBytes } from './run-memory.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-within-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => setMemoryLimit(undefined))

const length = 32
const windows = packStream([Array.from({ length: 1500 }, (_, i) => (i * i) % 90)], length, 3)
const options = (folder: string, change: Partial<RunOptions<ModelConfig>> = {}): RunOptions<ModelConfig> => ({
  name: 'within',
  folder: join(root, folder),
  model: {
    vocab_size: 128,
    hidden_size: 48,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    max_position_embeddings: length,
    rms_norm_eps: 1e-5,
    rope_theta: 1e4,
    tie_word_embeddings: true,
  },
  data: { train: windows, valid: windows },
  batch: { windows: 8, accumulate: 2 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
  evaluate: { everySteps: 100 },
  ...change,
})
/** Two layers with products of up to 128 terms, forward and twice in the backward pass. */
const closeness = { roundings: 3000 }
const values = (tensors: readonly Tensor[]): number[] =>
  tensors.flatMap((tensor) => [...(tensor.toTypedArray() as Float32Array)])

describe('a pass that does not fit in memory', () => {
  it('has the gradients of the whole, and so have those after it, which begin smaller', () =>
    scope(async () => {
      const run = defineRun(options('gradients'))
      const session = new Session(run)
      const [first, second] = (await session.nextBatch()) as [never, never]
      const whole = [first, second].map((pass) => scope(() => session.passGradients(pass, 1 / 500)))
      expect(session.takeSplit()).toBeUndefined()
      const { currentBytes } = memory()
      const room = (peakBytes(planMemory(run)) - planMemory(run).bytes.weights) / 3
      setMemoryLimit(Math.ceil(currentBytes + room))
      const split = scope(() => session.passGradients(first, 1 / 500))
      const { parts, reason } = session.takeSplit()!
      expect([2, 4, 8]).toContain(parts)
      expect(reason).toMatch(/out of memory allocating/)
      const again = scope(() => session.passGradients(second, 1 / 500))
      expect(session.takeSplit()).toBeUndefined()
      setMemoryLimit(undefined)
      for (const [parted, reference] of [
        [split, whole[0]!],
        [again, whole[1]!],
      ] as const) {
        expectClose(parted.loss, reference.loss, closeness)
        expectAllClose(parted.gradients, reference.gradients, closeness)
        const theirs = values(reference.gradients)
        expect(Math.max(...theirs.map(Math.abs))).toBeGreaterThan(1e-4)
      }
    }))

  it('leaves nothing behind but its gradients', () =>
    scope(async () => {
      const session = new Session(defineRun(options('nothing')))
      const [pass] = await session.nextBatch()
      const { currentBytes, liveTensors } = memory()
      setMemoryLimit(currentBytes + 1_200_000)
      scope(() => void session.passGradients(pass!, 1))
      expect(session.takeSplit()).toBeDefined()
      expect(memory().liveTensors).toBe(liveTensors)
      expect(memory().currentBytes).toBe(currentBytes)
    }))

  it('is an error that says what to do where not even one row fits', () =>
    scope(async () => {
      const session = new Session(defineRun(options('none')))
      const [pass] = await session.nextBatch()
      const { currentBytes } = memory()
      setMemoryLimit(currentBytes + 1000)
      const attempt = (): unknown => scope(() => session.passGradients(pass!, 1))
      expect(attempt).toThrow(
        expect.objectContaining({
          code: 'train_out_of_memory',
          message: expect.stringMatching(/^one row of 32 tokens .*out of memory/),
          help: expect.stringContaining('--plan'),
        }),
      )
      expect(memory().currentBytes).toBe(currentBytes)
    }))

  it('is evaluated in parts, too', () =>
    scope(async () => {
      const session = new Session(defineRun(options('evaluated')))
      const { loss: whole } = await session.evaluate()
      setMemoryLimit(memory().currentBytes + 120_000)
      expectClose((await session.evaluate()).loss, whole, closeness)
      setMemoryLimit(memory().currentBytes + 1000)
      await expect(session.evaluate()).rejects.toThrow(
        expect.objectContaining({ code: 'train_out_of_memory' }),
      )
    }))
})

it('a run within a limit goes on in smaller passes, says so, and learns the same', async () => {
  const free = defineRun(options('free'))
  const free_ = await train(free, { listeners: [metricsLog(join(free.folder, 'metrics.jsonl'))] })
  const { bytes } = planMemory(free)
  const between = bytes.weights + bytes.optimizer
  const limit = Math.ceil(
    memory().currentBytes + between + (peakBytes({ phases: planMemory(free).phases }) - between) / 2,
  )
  const tight = defineRun(options('tight', { memory: { limit } }))
  expect(tight.fingerprint).toBe(free.fingerprint)
  const events: TrainEvent[] = []
  const log = metricsLog(join(tight.folder, 'metrics.jsonl'))
  const { status } = await train(tight, {
    listeners: [log, (event) => void events.push(event)],
  })
  expect([status, free_.status]).toEqual(['finished', 'finished'])
  const kinds = events.filter(({ type }) => type === 'split' || type === 'warning').map(({ type }) => type)
  expect(kinds.slice(0, 2)).toEqual(['split', 'warning'])
  expect(kinds.length % 2).toBe(0)
  const losses = (folder: string) => readMetrics(join(folder, 'metrics.jsonl')).map(({ loss }) => loss!)
  const [ours, theirs] = [losses(tight.folder), losses(free.folder)]
  expect(ours.length).toBe(theirs.length)
  const compared = ours.flatMap((_, i) => (theirs[i] === undefined ? [] : [i]))
  // After three steps.
  for (const i of compared) expectClose(ours[i]!, theirs[i]!, { ...closeness, condition: 10 }, `loss ${i}`)
  for (const line of readMetrics(join(tight.folder, 'metrics.jsonl')))
    if (line.memory) expect(line.memory.peakBytes).toBeLessThanOrEqual(limit)
})
