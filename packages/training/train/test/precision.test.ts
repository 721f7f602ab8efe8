/** fp16 with its loss scale and fp8 with its delayed scaling, through the loop: they learn, skip, and resume to the bit. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type ModelConfig, type Precision } from '@hadal/nn'
import { manualSeed, scope, setNumThreads, torch } from '@hadal/tensor'
import {
  type Checkpoint,
  defineRun,
  metricsLog,
  newestWeights,
  type RunOptions,
  readCheckpoint,
  readMetrics,
  type StepEvent,
  type TrainEvent,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { tinyOptions } from './tiny-run.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-precision-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)

const fresh = (
  precision: Precision,
  changes: Partial<RunOptions<ModelConfig>> = {},
): RunOptions<ModelConfig> => ({
  ...tinyOptions(join(root, String(folders++)), precision),
  ...changes,
})

interface Course {
  readonly steps: readonly StepEvent[]
  readonly events: readonly TrainEvent[]
  readonly validLoss: number
}

async function execute(options: RunOptions, stopAfter?: number): Promise<Course> {
  const events: TrainEvent[] = []
  const stop = new AbortController()
  const result = await train(defineRun(options), {
    listeners: [
      metricsLog(join(options.folder, 'metrics.jsonl')),
      (event) => {
        events.push(event)
        if (event.type === 'step' && event.step === stopAfter) stop.abort()
      },
    ],
    signal: stop.signal,
  })
  const steps = events.filter((event) => event.type === 'step')
  return { steps, events, validLoss: result.validLoss ?? Number.NaN }
}

function newest(folder: string): Checkpoint {
  const name = readdirSync(join(folder, 'checkpoints'))
    .filter((file) => file.startsWith('step-'))
    .sort()
    .at(-1)!
  return readCheckpoint(join(folder, 'checkpoints', name))
}

async function expectResumes(make: () => RunOptions): Promise<void> {
  const whole = make()
  const halved = { ...make() }
  await execute(whole)
  await execute(halved, 7)
  await execute(halved)
  expect(newest(halved.folder)).toEqual(newest(whole.folder))
}

describe('fp16', () => {
  it('learns as bf16 does, and says its scale', async () => {
    const { steps, validLoss } = await execute(fresh('fp16'))
    const { validLoss: inBf16 } = await execute(fresh('bf16'))
    expect(Math.abs(validLoss - inBf16)).toBeLessThan(0.1)
    expect(steps.length).toBe(24)
    expect(steps.every(({ lossScale }) => lossScale === 65_536)).toBe(true)
  })

  it('skips steps that overflow, without trouble, and grows again', async () => {
    const options = fresh('fp16', { lossScale: { initial: 2 ** 24, growthInterval: 4 } })
    const { steps, events } = await execute(options)
    const skipped = steps.filter((step) => step.skipped)
    expect(skipped.length).toBeGreaterThan(2)
    expect(skipped.length).toBeLessThan(24)
    // Halved after each of them, doubled after four others in a row.
    for (const [at, { lossScale, skipped: isSkipped }] of steps.entries())
      if (isSkipped && steps[at + 1]) expect(steps[at + 1]!.lossScale).toBe(lossScale! / 2)
    expect(steps.some(({ lossScale }, at) => at > 0 && lossScale! > steps[at - 1]!.lossScale!)).toBe(true)
    expect(events.some(({ type }) => type === 'decision')).toBe(false)
    // They count as steps of the run, its data and its schedule, and as none of the optimizer.
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, at) => at + 1))
    const { optimizer } = newest(options.folder)
    const updates = new Float32Array(Uint8Array.from(optimizer.get('step')!.bytes).buffer)[0]
    expect(updates).toBe(24 - skipped.length)
    const line = readMetrics(join(options.folder, 'metrics.jsonl'))[0]!
    expect(line).toMatchObject({ step: 1, lossScale: 2 ** 24, skipped: true })
    expect(line.gradientNorm).toBeUndefined()
  })

  it('leaves weights and their average as they are in a skipped step', async () => {
    const options = fresh('fp16', {
      lossScale: { initial: 2 ** 60 },
      average: { decay: 0.9 },
      schedule: { ...tinyOptions('').schedule, totalSteps: 3 },
    })
    const { steps } = await execute(options)
    expect(steps.map(({ skipped }) => skipped)).toEqual([true, true, true])
    const after = newest(options.folder)
    const averaged = [...after.average].flatMap(([name, { bytes }]) =>
      name === 'step' ? [] : ([[name.replace('average.', ''), bytes]] as const),
    )
    expect(averaged).toEqual([...after.weights].map(([name, { bytes }]) => [name, bytes]))
    expect(new Float32Array(Uint8Array.from(after.average.get('step')!.bytes).buffer)[0]).toBe(0)
  })

  it('is trouble for the guard when the scale falls below its least value', async () => {
    const options = fresh('fp16', {
      lossScale: { initial: 2 ** 60, least: 2 ** 58 },
      guard: { maxInterventions: 1 },
    })
    const events: TrainEvent[] = []
    const failure = await train(defineRun(options), {
      listeners: [(event) => void events.push(event)],
    }).catch((error: unknown) => error as Error)
    expect(events.filter((event) => event.type === 'step').map(({ skipped }) => skipped)).toEqual([
      true,
      true,
    ])
    const [decision] = events.filter((event) => event.type === 'decision')
    expect(decision).toMatchObject({ failedStep: 3, message: expect.stringContaining('gradient norm') })
    expect(failure).toMatchObject({ code: 'train_diverged' })
  })

  it('is the same to the bit after it was interrupted, scale and tracker too', async () => {
    await expectResumes(() => fresh('fp16', { lossScale: { initial: 2 ** 24, growthInterval: 4 } }))
  })

  it('adds scaled gradients up over passes and divides them once', async () => {
    const options = (initial: number, accumulate: number, windows: number) =>
      fresh('fp16', { lossScale: { initial }, batch: { windows, accumulate } })
    const [one, two] = [await execute(options(1024, 1, 4)), await execute(options(1024, 2, 2))]
    expect(one.steps[0]!.gradientNorm).toBeCloseTo(two.steps[0]!.gradientNorm, 2)
    expect(Math.abs(one.validLoss - two.validLoss)).toBeLessThan(0.05)
  })

  it('has no gradients at all where they are tiny and unscaled, and learns with a scale of 128', async () => {
    const base = fresh('fp32', { schedule: { ...tinyOptions('').schedule, totalSteps: 3 } })
    await execute(base)
    const startFrom = loud(newestWeights(base.folder))
    const { data, model } = base
    if (!('targets' in data.train)) throw new Error('the tiny run has windows')
    const targets = data.train.targets.map((token) => (token + 3) % model.vocab_size)
    const pairs = { chosen: data.train, rejected: { ...data.train, targets } }
    // The contribution to the logits is at most beta / 8: less than half of float16's least value, 2^-24.
    const faint = (precision: Precision, lossScale?: RunOptions['lossScale']): RunOptions =>
      fresh(precision, {
        ...(lossScale && { lossScale }),
        startFrom,
        objective: { kind: 'dpo', beta: 2e-7 },
        data: { train: pairs, valid: pairs },
        optimizer: { ...adamWDefaults, weightDecay: 0, eps: 1e-12 },
        schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 6, floorFraction: 1 },
      })
    const moved = async (options: RunOptions): Promise<{ norms: number[]; change: Float64Array }> => {
      const { steps } = await execute(options)
      return {
        norms: steps.map(({ gradientNorm }) => gradientNorm),
        change: change(startFrom, newestWeights(options.folder)),
      }
    }
    const reference = await moved(faint('fp32'))
    const unscaled = await moved(faint('fp16', { initial: 1 }))
    const scaled = await moved(faint('fp16', { initial: 128 }))
    expect(unscaled.norms).toEqual(unscaled.norms.map(() => 0))
    expect(unscaled.change.every((value) => value === 0)).toBe(true)
    expect(scaled.norms[0]! / reference.norms[0]!).toBeCloseTo(1, 1)
    expect(cosine(scaled.change, reference.change)).toBeGreaterThan(0.9)
  })
})

/** Matrices that preserve the norm of their input. */
const loud = (weights: Weights): Weights =>
  scope(() => {
    manualSeed(3)
    return new Map(
      [...weights].map(([name, { shape, values }]) => {
        const drawn = torch.randn([...shape]).mul(shape.at(-1)! ** -0.5)
        return [name, { shape, values: shape.length === 2 ? (drawn.toTypedArray() as Float32Array) : values }]
      }),
    )
  })

const change = (before: Weights, after: Weights): Float64Array =>
  Float64Array.from(
    [...before].flatMap(([name, { values }]) =>
      [...values].map((value, at) => after.get(name)!.values[at]! - value),
    ),
  )

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

describe('fp8', () => {
  it('learns nearly as bf16 does', async () => {
    const { validLoss } = await execute(fresh('fp8'))
    const { validLoss: inBf16 } = await execute(fresh('bf16'))
    expect(Math.abs(validLoss - inBf16)).toBeLessThan(0.15)
  })

  it('is the same to the bit after it was interrupted, its histories too', async () => {
    await expectResumes(() => fresh('fp8', { fp8: { historySteps: 4 } }))
  })

  it('is the same when its layers are computed again', async () => {
    const plain = fresh('fp8')
    const again = fresh('fp8', { checkpointing: { every: 1 } })
    await execute(plain)
    await execute(again)
    expect(newest(again.folder).weights).toEqual(newest(plain.folder).weights)
    expect(newest(again.folder).precision).toEqual(newest(plain.folder).precision)
  })

  it('trains adapters on frozen layers', async () => {
    const base = fresh('fp8', { schedule: { ...tinyOptions('').schedule, totalSteps: 6 } })
    await execute(base)
    const adapted = fresh('fp8', { startFrom: newestWeights(base.folder), adapter: { rank: 4 } })
    const { steps } = await execute(adapted)
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss)
  })
})
