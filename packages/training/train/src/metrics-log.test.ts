import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../test/tiny-events.ts'
import type { DecisionEvent, StartedEvent, StepEvent } from './events.ts'
import { metricsLog, readMetrics } from './metrics-log.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-metrics-'))
  path = join(folder, 'metrics.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const started = (step: number): StartedEvent => startedEvent({ step })
const stepped = (step: number): StepEvent => stepEvent({ step, loss: 2 / step })

it('writes a line a step and a line an evaluation', () => {
  const log = metricsLog(path)
  log(started(0))
  log(stepped(1))
  log({ type: 'evaluated', step: 1, loss: 3, seconds: 2 })
  log({ type: 'warning', message: 'not a metric' })
  expect(readMetrics(path)).toEqual([
    {
      step: 1,
      epoch: 0.5,
      loss: 2,
      learningRate: 0.1,
      gradientNorm: 1,
      tokens: 8,
      seconds: 1,
      memoryBytes: 1e6,
    },
    { step: 1, validLoss: 3, seconds: 2 },
  ])
})

it('drops what came after the checkpoint a run resumes from, and a line cut off by a crash', () => {
  const log = metricsLog(path)
  log(started(0))
  for (const step of [1, 2, 3]) log(stepped(step))
  appendFileSync(path, '{"step":4,"los')
  const resumed = metricsLog(path)
  resumed(started(2))
  resumed(stepped(3))
  expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2, 3])
})

it.each(['{"step":3,"lo\u0000\u0000', 'null', '{"loss":1}'])(
  'ends before a damaged line, and says where: %j',
  (damaged) => {
    const log = metricsLog(path)
    log(started(0))
    for (const step of [1, 2]) log(stepped(step))
    appendFileSync(path, `${damaged}\n`)
    log(stepped(4))
    // The metrics read before resuming are those the run resumes after.
    expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2])
    const warnings: string[] = []
    const resumed = metricsLog(path)
    resumed(started(4), { warn: (message) => void warnings.push(message) })
    resumed(stepped(5))
    expect(warnings).toEqual([`${path}:3 is damaged; the file is cut off before it`])
    expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2, 5])
  },
)

it('says how uneven the load of experts was', () => {
  const log = metricsLog(path)
  log(startedEvent())
  log(stepEvent({ expertImbalance: 1.5 }))
  expect(readMetrics(path)[0]).toMatchObject({ expertImbalance: 1.5 })
})

const decision = (step: number, number: number): DecisionEvent => ({
  type: 'decision',
  step,
  failedStep: 4,
  number,
  layer: 'layers.1',
  batch: 'windows 3, 9',
  rateFactor: 0.5,
  message: 'back',
})

it('takes back what a decision of the guard undoes, and says what it was', () => {
  const log = metricsLog(path)
  log(started(0))
  for (const step of [1, 2, 3]) log(stepped(step))
  log(decision(2, 1))
  log(stepped(3))
  expect(readMetrics(path)).toMatchObject([
    { step: 1 },
    { step: 2 },
    { step: 2, decision: 'back', intervention: 1, failedStep: 4, layer: 'layers.1', batch: 'windows 3, 9' },
    { step: 3 },
  ])
})

it('has each decision once, however often a run is killed around it', () => {
  const first = metricsLog(path)
  first(started(0))
  for (const step of [1, 2, 3]) first(stepped(step))
  first(decision(2, 1))
  first(stepped(3))
  const resumed = metricsLog(path)
  resumed(startedEvent({ step: 3, interventions: 0 }))
  expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2])
  resumed(decision(2, 1))
  resumed(stepped(3))
  metricsLog(path)(startedEvent({ step: 3, interventions: 1 }))
  expect(readMetrics(path).map(({ step, intervention }) => [step, intervention])).toEqual([
    [1, undefined],
    [2, undefined],
    [2, 1],
    [3, undefined],
  ])
})
