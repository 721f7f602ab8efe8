import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ignoreIndex, selectWindows, type Windows } from '@hadal/nn'
import { memory, setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  measureSpeed,
  metricsLog,
  newestWeights,
  progressReporter,
  readMetrics,
  type TrainEvent,
  tensorboardLog,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { collected } from '../../tensor/test/collected.ts'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { tinyOptions, tinyRun } from './tiny-run.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-train-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)
const folder = (): string => join(root, String(folders++))

describe('train', () => {
  it('learns, evaluates, reports its progress, and frees what it allocated', async () => {
    await collected()
    const before = memory().liveTensors
    const events: TrainEvent[] = []
    const result = await train(tinyRun(folder()), { listeners: [(event) => void events.push(event)] })
    expect(memory().liveTensors).toBe(before)
    const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))
    expect(losses).toHaveLength(24)
    expect(losses[0]).toBeCloseTo(Math.log(32), 1)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.5)
    const held = events.flatMap((event) => (event.type === 'evaluated' ? [event] : []))
    expect(held.map(({ step }) => step)).toEqual([6, 12, 18, 24])
    expect(held.at(-1)!.loss).toBeLessThan(held[0]!.loss)
    expect(result).toEqual({ status: 'finished', step: 24, validLoss: held.at(-1)!.loss })
    expect(events.at(-1)).toMatchObject({ type: 'finished', step: 24 })
  })

  it('takes the same course however passes divide a batch', async () => {
    const weights = []
    for (const batch of [
      { windows: 4, accumulate: 1 },
      { windows: 1, accumulate: 4 },
    ]) {
      const run = defineRun({ ...tinyOptions(folder()), batch })
      await train(run)
      weights.push(newestWeights(run.folder))
    }
    const [whole, parts] = weights
    // One pass has some 1000 roundings in a row; 24 updates pass on their differences.
    const names = [...whole!.keys()]
    const values = (of: typeof whole) => names.map((name) => of!.get(name)!.values)
    expectAllClose(values(parts), values(whole), { roundings: 1000, condition: 30 }, names)
  })

  it('says so when one process carries out whole what ranks were to divide', async () => {
    const warnings: string[] = []
    await train(defineRun({ ...tinyOptions(folder()), parallel: { tensor: 2 } }), {
      listeners: [(event) => void (event.type === 'warning' && warnings.push(event.message))],
    })
    expect(warnings).toEqual([expect.stringContaining('--nproc')])
  })

  it('begins with given weights', async () => {
    const first = tinyRun(folder())
    const { validLoss } = await train(first)
    const events: TrainEvent[] = []
    const second = defineRun({
      ...tinyOptions(folder()),
      startFrom: newestWeights(first.folder),
      schedule: { peak: 1e-9, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
    })
    await train(second, { listeners: [(event) => void events.push(event)] })
    const held = events.find((event) => event.type === 'evaluated')
    expectClose((held as { loss: number }).loss, validLoss!, { roundings: 500 })
  })

  it('stops when it diverges without a guard, and says at which step and what to do', async () => {
    const run = defineRun({
      ...tinyOptions(folder()),
      guard: false,
      schedule: { peak: 1e38, warmupSteps: 0, totalSteps: 24, floorFraction: 1 },
    })
    await expect(train(run)).rejects.toMatchObject({
      code: 'train_diverged',
      message: expect.stringMatching(
        /^step [2-5] produced loss .*(NaN|Infinity).*, in embed_tokens, on windows \d.*; no recovery was attempted$/,
      ),
      help: expect.stringMatching(/halve schedule.peak.*The last good weights: .*step-00000000[1-4]/),
    })
  })

  it('reports no negative durations when the clock jumps back', async () => {
    let calls = 0
    const now = (): number => 1e6 - 700 * calls++
    const clock = { now, wallClock: now, sleep: () => Promise.resolve() }
    const at = folder()
    const lines: string[] = []
    const events: TrainEvent[] = []
    const listeners = [
      metricsLog(join(at, 'metrics.jsonl')),
      tensorboardLog(join(at, 'board'), clock),
      progressReporter({ write: (text) => lines.push(text), isTTY: true }, { clock, env: {} }),
      (event: TrainEvent) => void events.push(event),
    ]
    const { status } = await train(tinyRun(at), { listeners, clock })
    expect(status).toBe('finished')
    const seconds = events.flatMap((event) => ('seconds' in event ? [event.seconds] : []))
    expect(seconds.length).toBeGreaterThan(24)
    expect(seconds.every((each) => each === 0)).toBe(true)
    expect(lines.join('')).not.toMatch(/ -\d|NaN|Infinity/)
  })

  it('takes a batch with nothing to learn for a step without gradients', async () => {
    const options = tinyOptions(folder())
    const windows = options.data.train as Windows
    let given = 0
    const stream = {
      length: windows.length,
      fingerprint: 'two batches of nothing',
      open: () => ({
        next: (count: number) => {
          given += 1
          const some = selectWindows(
            windows,
            Array.from({ length: count }, (_, index) => index),
          )
          return given === 5 || given === 6 ? { ...some, targets: some.targets.map(() => ignoreIndex) } : some
        },
        state: {},
        restore: () => {},
        epoch: 0,
      }),
    }
    const events: TrainEvent[] = []
    const run = defineRun({ ...options, data: { ...options.data, train: stream } })
    await train(run, { listeners: [(event) => void events.push(event)] })
    expect(events.filter(({ type }) => type === 'decision')).toEqual([])
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect(steps[2]).toMatchObject({ step: 3, loss: 0, gradientNorm: 0 })
  })

  it('does not resume a run whose configuration changed', async () => {
    const options = tinyOptions(folder())
    await train(defineRun(options))
    const changed = defineRun({ ...options, seed: 2 })
    await expect(train(changed)).rejects.toMatchObject({ code: 'train_run_changed' })
  })

  it('does not train on when it is started again after held-out loss no longer fell, until it may', async () => {
    const options = (patience: number) => ({
      ...tinyOptions(at),
      evaluate: { everySteps: 2, patience, minImprovement: 0.3 },
    })
    const at = folder()
    const first = await train(defineRun(options(2)))
    expect(first.status).toBe('stopped')
    const events: TrainEvent[] = []
    const again = await train(defineRun(options(2)), { listeners: [(event) => void events.push(event)] })
    expect(again).toMatchObject({ status: 'stopped', step: first.step })
    expect(events.map(({ type }) => type)).toEqual(['started', 'stopped'])
    expect((await train(defineRun(options(3)))).step).toBeGreaterThan(first.step)
  })

  it('goes on over a damaged metrics file, with a warning that every listener hears', async () => {
    const at = folder()
    const path = join(at, 'metrics.jsonl')
    const stop = new AbortController()
    const stopAt7 = (event: TrainEvent): void => {
      if (event.type === 'step' && event.step === 7) stop.abort()
    }
    await train(tinyRun(at), { listeners: [metricsLog(path), stopAt7], signal: stop.signal })
    const lines = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, [...lines.slice(0, 3), '{"step":', ...lines.slice(4)].join('\n'))
    const events: TrainEvent[] = []
    const listeners = [(event: TrainEvent) => void events.push(event), metricsLog(path)]
    await train(tinyRun(at), { listeners })
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'started', step: 7 },
      { type: 'warning', message: expect.stringContaining(`${path}:4 is damaged`) },
    ])
    expect(
      readMetrics(path)
        .map(({ step }) => step)
        .slice(0, 5),
    ).toEqual([1, 2, 3, 8, 9])
  })

  it('has nothing left to do for a finished run', async () => {
    const run = tinyRun(folder())
    const first = await train(run)
    const events: TrainEvent[] = []
    const again = await train(run, { listeners: [(event) => void events.push(event)] })
    expect(events.map(({ type }) => type)).toEqual(['started', 'finished'])
    expect(again).toMatchObject({ status: 'finished', step: first.step })
  })
})

it('newestWeights refuses a folder without checkpoints', () => {
  expect(() => newestWeights(folder())).toThrow(
    expect.objectContaining({ code: 'train_no_usable_checkpoint' }),
  )
})

it('measureSpeed counts the tokens of real steps and leaves the folder alone', async () => {
  let now = 0
  const clock = { now: () => now++ * 500, wallClock: () => 0, sleep: () => Promise.resolve() }
  expect(await measureSpeed(tinyRun(join(root, 'never')), 3, clock)).toBe((3 * 4 * 8) / 0.5)
})
