/** A run that was killed and resumed ends with the same bits as one that was not. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Precision, Schedule } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type MetricsLine,
  metricsLog,
  type Run,
  readCheckpoint,
  readMetrics,
  type TrainEvent,
  train,
} from '@hadal/train'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { tinyRun } from './tiny-run.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-resume-'))
afterAll(() => rmSync(root, { recursive: true }))

// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)

const program = programFile(import.meta.url, './tiny-program.ts')
const start = (
  folder: string,
  precision: Precision,
  mode: 'run' | 'die-writing',
  ...signalAfterStep: string[]
): ChildProcess =>
  spawn(process.execPath, [program, folder, precision, mode, ...signalAfterStep], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Its exit and the last line. */
async function end(child: ChildProcess) {
  let last = ''
  createInterface({ input: child.stdout! }).on('line', (said) => {
    last = said
  })
  const [code, endedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, endedBy, last }
}

async function complete(folder: string, precision: Precision): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  const listeners = [
    metricsLog(join(folder, 'metrics.jsonl')),
    (event: TrainEvent) => void events.push(event),
  ]
  await train(tinyRun(folder, precision), { listeners })
  return events
}

const checkpoints = (folder: string): string[] => readdirSync(join(folder, 'checkpoints')).sort()
const newest = (folder: string) => readCheckpoint(join(folder, 'checkpoints', checkpoints(folder).at(-1)!))
const withoutTimes = (lines: MetricsLine[]) =>
  lines.map(({ seconds: _, memoryBytes: __, memory: ___, ...line }) => line)

/** Weights, moments, generator, position and metrics of two runs, to the bit. */
function expectSame(folder: string, reference: string): void {
  expect(newest(folder)).toEqual(newest(reference))
  expect(withoutTimes(readMetrics(join(folder, 'metrics.jsonl')))).toEqual(
    withoutTimes(readMetrics(join(reference, 'metrics.jsonl'))),
  )
}

const startedAt = (events: TrainEvent[]): number => {
  const event = events.find(({ type }) => type === 'started')
  return event?.type === 'started' ? event.step : -1
}

describe.each(['fp32', 'bf16'] as const)('a run in %s', (precision) => {
  const reference = join(root, `${precision}-reference`)
  beforeAll(async () => {
    await complete(reference, precision)
  })

  it('is the same after SIGKILL in the middle of an epoch', async () => {
    const folder = join(root, `${precision}-killed`)
    const ended = await end(start(folder, precision, 'run', '8', 'SIGKILL'))
    expect(ended.endedBy).toBe('SIGKILL')
    expect(readMetrics(join(folder, 'metrics.jsonl')).at(-1)!.step).toBeGreaterThan(5)
    const events = await complete(folder, precision)
    expect(startedAt(events)).toBe(5)
    expect(events[0]).toMatchObject({
      type: 'warning',
      message: expect.stringContaining('removed the stale lock'),
    })
    expectSame(folder, reference)
  })
})

describe('a run', () => {
  const reference = join(root, 'fp32-reference')

  it('is the same after SIGKILL in the middle of writing a checkpoint', async () => {
    const folder = join(root, 'torn')
    const child = start(folder, 'fp32', 'die-writing')
    const [, endedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    expect(endedBy).toBe('SIGKILL')
    const left = checkpoints(folder)
    expect(left).toEqual(['step-000000005.safetensors', expect.stringMatching(/^step-000000010.*\.partial$/)])
    const events = await complete(folder, 'fp32')
    expect(startedAt(events)).toBe(5)
    expect(checkpoints(folder)).toEqual(['step-000000020.safetensors', 'step-000000024.safetensors'])
    expectSame(folder, reference)
  })

  it('finishes its step on SIGINT, leaves a checkpoint, exits with 0, and is the same when resumed', async () => {
    const folder = join(root, 'interrupted')
    const { code, last } = await end(start(folder, 'fp32', 'run', '7', 'SIGINT'))
    expect(code).toBe(0)
    const stopped = Number(/^interrupted after (\d+)$/.exec(last)?.[1])
    expect(stopped).toBeGreaterThanOrEqual(7)
    expect(stopped).toBeLessThan(24)
    expect(newest(folder).state.step).toBe(stopped)
    const events = await complete(folder, 'fp32')
    expect(startedAt(events)).toBe(stopped)
    expectSame(folder, reference)
  })

  it('keeps a second process out of its folder until it has ended', async () => {
    const folder = join(root, 'contested')
    // Continues on request.
    const child = start(folder, 'fp32', 'run', '2', 'SIGSTOP')
    const ended = end(child)
    await once(child.stdout!, 'data')
    await expect(complete(folder, 'fp32')).rejects.toMatchObject({
      code: 'train_run_locked',
      message: expect.stringContaining(`process ${child.pid} `),
    })
    // It may not have stopped yet.
    const goOn = setInterval(() => child.kill('SIGCONT'), 50)
    onTestFinished(() => clearInterval(goOn))
    expect(await ended).toMatchObject({ code: 0, last: 'finished after 24' })
    expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'metrics.jsonl'])
    expectSame(folder, reference)
    expect((await complete(folder, 'fp32')).map(({ type }) => type)).toEqual(['started', 'finished'])
  })

  it.each([
    ['cut short', (path: string) => truncateSync(path, 1000)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['flipped in one bit', flipBit],
  ])('goes back one checkpoint, with a warning, when the newest is %s', async (issue, damage) => {
    const folder = join(root, issue)
    const controller = new AbortController()
    await train(tinyRun(folder), {
      signal: controller.signal,
      listeners: [
        metricsLog(join(folder, 'metrics.jsonl')),
        (event) => event.type === 'step' && event.step === 13 && controller.abort(),
      ],
    })
    expect(checkpoints(folder)).toEqual(['step-000000010.safetensors', 'step-000000013.safetensors'])
    damage(join(folder, 'checkpoints', 'step-000000013.safetensors'))
    const events = await complete(folder, 'fp32')
    expect(startedAt(events)).toBe(10)
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    expect(warnings).toEqual([expect.stringMatching(/step-000000013.*going back to step 10/)])
    expect(checkpoints(folder)).toContain('step-000000013.safetensors.damaged')
    rmSync(join(folder, 'checkpoints', 'step-000000013.safetensors.damaged'))
    expectSame(folder, reference)
  })

  it('refuses to start over when every checkpoint is damaged', async () => {
    const folder = join(root, 'hopeless')
    await complete(folder, 'fp32')
    for (const name of checkpoints(folder)) flipBit(join(folder, 'checkpoints', name))
    await expect(complete(folder, 'fp32')).rejects.toMatchObject({ code: 'train_no_usable_checkpoint' })
    expect(checkpoints(folder)).toHaveLength(2)
  })
})

function flipBit(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 100]! ^= 4
  writeFileSync(path, bytes)
}

describe.each([
  [{ kind: 'sgd', momentum: 0.9, nesterov: true }, { kind: 'linear' }],
  [{ kind: 'lion' }, { kind: 'wsd', decaySteps: 5 }],
  [{ kind: 'adafactor' }, { kind: 'cosine' }],
  [{ kind: 'muon' }, { kind: 'wsd', decaySteps: 3, decayShape: '1-sqrt' }],
] as const)('a run with %j and %j', (optimizer, schedule) => {
  it('is the same after it was asked to stop and went on', async () => {
    const runIn = (name: string): Run => {
      const run = tinyRun(join(root, `${optimizer.kind}-${name}`), 'fp32')
      return defineRun({ ...run, optimizer, schedule: { ...run.schedule, ...schedule } as Schedule })
    }
    const [whole, halved] = [runIn('whole'), runIn('halved')]
    await train(whole, { listeners: [] })
    const stop = new AbortController()
    const stopAt7 = (event: TrainEvent): void => {
      if (event.type === 'step' && event.step === 7) stop.abort()
    }
    expect((await train(halved, { listeners: [stopAt7], signal: stop.signal })).status).toBe('interrupted')
    await train(halved, { listeners: [] })
    expect(newest(halved.folder)).toEqual(newest(whole.folder))
  })
})
