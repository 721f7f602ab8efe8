import { trainingMetrics } from '@hadal/protocol'
import { expect, it } from 'vitest'
import { createTrainingTelemetry, type TrainedStep } from './training-telemetry.ts'

const clock = { now: () => 0, wallClock: () => 1_700_000_000_000, sleep: async () => {} }
const step: TrainedStep = {
  step: 8,
  totalSteps: 10,
  epoch: 0.5,
  loss: 2.5,
  learningRate: 0.01,
  gradientNorm: 0.75,
  isSkipped: false,
  expertImbalance: 1,
  tokens: 64,
  seconds: 0.5,
  residentBytes: 1000,
}
const run = { name: 'tiny', worldSize: 2, restarts: 1 }

it('says nothing of what has not happened, and begins its counters', async () => {
  const { text } = await createTrainingTelemetry(run, clock).expose()
  expect(text).toContain('hadal_train_running{run="tiny"} 0\n')
  expect(text).toContain('hadal_train_world_size{run="tiny"} 2\n')
  expect(text).toContain('hadal_train_restarts{run="tiny"} 1\n')
  expect(text).toContain('hadal_train_skipped_steps_total{run="tiny"} 0\n')
  for (const name of ['loss', 'evaluation_loss', 'checkpoint_timestamp_seconds', 'epsilon_spent'])
    expect(text).not.toContain(`hadal_train_${name}{`)
})

it('exposes every metric in the table once it was reported', async () => {
  const telemetry = createTrainingTelemetry({ ...run, epsilonBudget: 3 }, clock)
  telemetry.started({ step: 7, totalSteps: 10, parameters: 123, unit: 'images' })
  telemetry.step({ ...step, lossScale: 1024, peakBytes: 500, utilization: 0.4 })
  telemetry.evaluated({ loss: 2, seconds: 3, measures: { accuracy: 0.5 }, epsilonSpent: 1.5 })
  telemetry.checkpoint({ step: 8, seconds: 0.25 })
  telemetry.rolledBack({ step: 5, failedStep: 9 })
  const { text } = await telemetry.expose()
  for (const { name } of Object.values(trainingMetrics))
    expect(text).toMatch(new RegExp(`^${name}(_count)?\\{run="tiny"`, 'm'))
  for (const line of [
    'hadal_train_step{run="tiny"} 5',
    'hadal_train_tokens_per_second{run="tiny",unit="images"} 128',
    'hadal_train_rolled_back_steps_total{run="tiny"} 4',
    'hadal_train_interventions_total{run="tiny"} 1',
    'hadal_train_evaluation_measure{run="tiny",measure="accuracy"} 0.5',
    'hadal_train_checkpoint_timestamp_seconds{run="tiny"} 1700000000',
    'hadal_train_running{run="tiny"} 1',
  ])
    expect(text).toContain(`${line}\n`)
  telemetry.ended()
  expect((await telemetry.expose()).text).toContain('hadal_train_running{run="tiny"} 0\n')
})

it('keeps the gradient norm that a skipped step does not have', async () => {
  const telemetry = createTrainingTelemetry(run, clock)
  telemetry.step(step)
  telemetry.step({ ...step, step: 9, gradientNorm: Number.POSITIVE_INFINITY, isSkipped: true })
  const { text } = await telemetry.expose()
  expect(text).toContain('hadal_train_gradient_norm{run="tiny"} 0.75\n')
  expect(text).toContain('hadal_train_skipped_steps_total{run="tiny"} 1\n')
  expect(text).toContain('hadal_train_steps_total{run="tiny"} 2\n')
})
