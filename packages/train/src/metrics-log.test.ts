import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../test/tiny-events.ts'
import type { StartedEvent, StepEvent } from './events.ts'
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

it('says how uneven the load of experts was', () => {
  const log = metricsLog(path)
  log(startedEvent())
  log(stepEvent({ expertImbalance: 1.5 }))
  expect(readMetrics(path)[0]).toMatchObject({ expertImbalance: 1.5 })
})
