import { describe, expect, it } from 'vitest'
import { RunFigures, type RunStep } from './run-figures.ts'

const step = (number: number, change: Partial<RunStep> = {}): RunStep => ({
  step: number,
  totalSteps: 10,
  epoch: 0.5,
  loss: 2,
  learningRate: 1e-3,
  gradientNorm: 1,
  tokens: 100,
  seconds: 2,
  ...change,
})

const after = (steps: readonly RunStep[], start = {}) => {
  const figures = new RunFigures({ name: 'r', ...start })
  for (const each of steps) figures.step(each)
  return figures
}

describe('the figures of a run', () => {
  it('are none before the first step', () => expect(new RunFigures({ name: 'r' }).current).toBeUndefined())

  it('are those of one step', () => {
    expect(after([step(4, { memoryBytes: 7 })], { flopsPerToken: 3, peakFlops: 600 }).current).toEqual({
      name: 'r',
      step: 4,
      totalSteps: 10,
      epoch: 0.5,
      loss: 2,
      learningRate: 1e-3,
      gradientNorm: 1,
      losses: [2],
      smoothedLoss: 2,
      heldOutLoss: undefined,
      tokensPerSecond: 50,
      unit: 'tokens',
      utilization: 0.25,
      memoryBytes: 7,
      secondsLeft: 12,
    })
  })

  it('are means at first, and follow slowly once there are many steps', () => {
    const figures = after([step(1), step(2, { loss: 4, tokens: 300, seconds: 4 })])
    expect(figures.current!.smoothedLoss).toBe(3)
    expect(figures.current!.tokensPerSecond).toBeCloseTo(200 / 3)
    expect(figures.current!.losses).toEqual([2, 4])
    for (let i = 3; i <= 500; i += 1) figures.step(step(i))
    figures.step(step(501, { loss: 4, tokens: 300, seconds: 4 }))
    expect(figures.current!.smoothedLoss).toBeCloseTo(0.95 * 2 + 0.05 * 4)
    expect(figures.current!.tokensPerSecond).toBeCloseTo(110 / 2.1)
  })

  it('show a loss that is no number, and forget it with the next', () => {
    const figures = after([step(1), step(2, { loss: Number.NaN })])
    expect(figures.current!.smoothedLoss).toBeNaN()
    figures.step(step(3))
    expect(figures.current!.smoothedLoss).toBe(2)
    expect(figures.current!.losses).toEqual([2, Number.NaN, 2])
  })

  it('know no rate where steps take no time', () => {
    const { current } = after([step(1, { seconds: 0 })], { flopsPerToken: 3, peakFlops: 600 })
    expect(current!.tokensPerSecond).toBeUndefined()
    expect(current!.utilization).toBeUndefined()
    expect(current!.secondsLeft).toBeUndefined()
  })

  it('count evaluations and checkpoints in the time left, and none after the last step', () => {
    const figures = after([step(1), step(2)])
    figures.pause(6)
    figures.heldOut(2.5)
    expect(figures.current!.secondsLeft).toBe(8 * (2 + 3))
    expect(figures.current!.heldOutLoss).toBe(2.5)
    figures.step(step(10))
    expect(figures.current!.secondsLeft).toBeUndefined()
  })
})
