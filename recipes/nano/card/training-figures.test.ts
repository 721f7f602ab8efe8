import { expect, it } from 'vitest'
import { blockMeans, stageFigures } from './training-figures.ts'

const batch = { windows: 2, windowLength: 4 }
const step = (number: number, learningRate: number) => ({
  step: number,
  epoch: number / 10,
  loss: 4 - number,
  learningRate,
  gradientNorm: 1,
  tokens: 8,
  seconds: 2,
})
const lines = [
  step(1, 0.1),
  { step: 1, validLoss: 3.5, seconds: 1 },
  step(2, 0.3),
  step(3, 0.2),
  { step: 3, validLoss: 1.5, seconds: 1 },
]

it('adds up a stage', () => {
  expect(stageFigures('chat', lines, 3, batch)).toEqual({
    steps: 3,
    tokensPerStep: 8,
    tokens: 24,
    epochs: 0.3,
    peakLearningRate: 0.3,
    seconds: 8,
    tokensPerSecond: 4,
    losses: [3, 2, 1],
    heldOut: [
      { step: 1, loss: 3.5 },
      { step: 3, loss: 1.5 },
    ],
    lastHeldOutLoss: 1.5,
  })
})

it('refuses a stage that is not over, or that had other batches', () => {
  expect(() => stageFigures('chat', lines, 4, batch)).toThrow('step 3 of 4')
  expect(() => stageFigures('chat', lines.slice(0, -1), 3, batch)).toThrow('finish training')
  expect(() => stageFigures('chat', [], 3, batch)).toThrow('step 0 of 3')
  expect(() => stageFigures('chat', lines, 3, { windows: 2, windowLength: 8 })).toThrow('8 tokens a step')
})

it('averages blocks, the last one shorter', () => {
  expect(blockMeans([1, 3, 5, 7, 9], 2)).toEqual([2, 6, 9])
})
