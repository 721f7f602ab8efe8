/** Events of a run, for tests of subscribers. */

import type { StartedEvent, StepEvent } from '../src/events.ts'

export const startedEvent = (fields: Partial<StartedEvent> = {}): StartedEvent => ({
  type: 'started',
  name: 'r',
  parameters: 1,
  activatedParameters: 1,
  step: 0,
  totalSteps: 9,
  interventions: 0,
  unit: 'tokens',
  flopsPerToken: 6,
  ...fields,
})

export const stepEvent = (fields: Partial<StepEvent> = {}): StepEvent => ({
  type: 'step',
  step: 1,
  totalSteps: 9,
  epoch: 0.5,
  loss: 2,
  learningRate: 0.1,
  gradientNorm: 1,
  layerNorms: new Map([['layers.0', 1]]),
  expertImbalance: 1,
  tokens: 8,
  seconds: 1,
  memoryBytes: 1e6,
  ...fields,
})
