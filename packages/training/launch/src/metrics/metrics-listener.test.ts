import type { RunControl, StepEvent, TrainEvent } from '@hadal/train'
import { expect, it } from 'vitest'
import { metricsListener } from './metrics-listener.ts'

const control: RunControl = { stop: () => {}, save: () => {}, warn: () => {} }
const started: TrainEvent = {
  type: 'started',
  name: 'tiny',
  parameters: 100,
  activatedParameters: 100,
  step: 3,
  totalSteps: 9,
  interventions: 0,
  unit: 'tokens',
  flopsPerToken: 600,
}
const step: StepEvent = {
  type: 'step',
  step: 4,
  totalSteps: 9,
  epoch: 0.1,
  loss: 3.25,
  learningRate: 0.01,
  gradientNorm: 2,
  layerNorms: new Map(),
  expertImbalance: 1,
  tokens: 50,
  seconds: 0.5,
  memoryBytes: 1e6,
}

function listen() {
  const texts: string[] = []
  let time = 0
  const listener = metricsListener({
    run: { name: 'tiny', worldSize: 1, restarts: 0, epsilonBudget: 8 },
    peakFlops: 240_000,
    publish: ({ text }) => void texts.push(text),
    now: () => time,
  })
  const notify = async (event: TrainEvent, millis = 1000): Promise<void> => {
    time += millis
    await listener(event, control)
  }
  return { texts, notify }
}

it('hands on what every event says', async () => {
  const { texts, notify } = listen()
  await notify(started)
  await notify({ ...step, lossScale: 512, skipped: true })
  await notify({ type: 'evaluated', step: 4, loss: 3, seconds: 2, epsilon: 1.5, measures: { accuracy: 0.5 } })
  await notify({ type: 'checkpoint', step: 4, path: 'x', seconds: 0.5 })
  const guarded = { failedStep: 6, layer: 'layers.0', batch: 'windows 1', message: 'back' }
  await notify({ type: 'decision', step: 4, number: 1, rateFactor: 0.5, ...guarded })
  await notify({ type: 'finished', step: 9, seconds: 9 })
  const text = texts.at(-1)
  for (const line of [
    'hadal_train_loss{run="tiny"} 3.25',
    'hadal_train_mfu{run="tiny"} 0.25',
    'hadal_train_loss_scale{run="tiny"} 512',
    'hadal_train_skipped_steps_total{run="tiny"} 1',
    'hadal_train_evaluation_loss{run="tiny"} 3',
    'hadal_train_epsilon_spent{run="tiny"} 1.5',
    'hadal_train_epsilon_budget{run="tiny"} 8',
    'hadal_train_checkpoint_step{run="tiny"} 4',
    'hadal_train_rolled_back_steps_total{run="tiny"} 2',
    'hadal_train_running{run="tiny"} 0',
  ])
    expect(text).toContain(`${line}\n`)
})

it('renders steps that follow quickly less often than they come, and says all with the next event', async () => {
  const { texts, notify } = listen()
  await notify(started)
  for (let at = 0; at < 10; at += 1) await notify({ ...step, step: 4 + at }, 50)
  expect(texts).toHaveLength(3)
  await notify({ type: 'warning', message: 'none of its business' })
  expect(texts).toHaveLength(3)
  await notify({ type: 'evaluated', step: 13, loss: 3, seconds: 2 }, 1)
  expect(texts.at(-1)).toContain('hadal_train_step{run="tiny"} 13\n')
})
