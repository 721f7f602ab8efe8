/** All subscribers record the events of a private run. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metricsLog, progressReporter, readMetrics, type TrainEvent, tensorboardLog } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import { wandbMetrics } from '../src/wandb/wandb-metrics.ts'
import { startedEvent, stepEvent } from './tiny-events.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-private-events-'))
afterAll(() => rmSync(root, { recursive: true }))

const privacy = { rows: 8, clipped: 6, notFinite: 1, medianNorm: 1.5 }
const events: TrainEvent[] = [
  startedEvent({ privacy: 'private, epsilon 3 at delta 1e-5' }),
  stepEvent({ privacy }),
  { type: 'evaluated', step: 1, loss: 2, seconds: 1, epsilon: 0.51239 },
]

it('metrics have rows and epsilon', () => {
  const path = join(root, 'metrics.jsonl')
  const listen = metricsLog(path)
  for (const event of events) listen(event)
  expect(readMetrics(path)).toEqual([
    expect.objectContaining({ step: 1, privacy }),
    { step: 1, validLoss: 2, seconds: 1, epsilon: 0.51239 },
  ])
})

it('TensorBoard has them, too', () => {
  const listen = tensorboardLog(root)
  for (const event of events) listen(event)
  const written = readFileSync(
    join(root, readdirSync(root).find((name) => name.startsWith('events'))!),
    'latin1',
  )
  for (const tag of ['rows', 'clipped_share', 'not_finite', 'median_norm', 'epsilon'])
    expect(written).toContain(`privacy/${tag}`)
})

it('Weights & Biases has what was spent, and no more of rows than in other runs', () => {
  const reported = events.map((event) => wandbMetrics(event, {}))
  expect(reported[1]).toEqual(wandbMetrics(stepEvent(), {}))
  expect(reported[2]).toMatchObject({ 'privacy/epsilon': 0.51239 })
})

it('people read it', () => {
  const parts: string[] = []
  const listen = progressReporter({ write: (part) => void parts.push(part) })
  for (const event of events) listen(event)
  const text = parts.join('')
  expect(text).toContain('9 steps in all; private, epsilon 3 at delta 1e-5')
  expect(text).toContain('clipped 75 %')
  expect(text).toContain('held-out loss 2.0000, epsilon 0.5124 spent')
})
