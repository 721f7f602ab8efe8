import { describe, expect, it } from 'vitest'
import { judgeOperator } from './judge.ts'
import type { CustomOperatorRaw } from './measure.ts'
import type { OperatorTiming } from './timings.ts'

const timing = (direction: OperatorTiming['direction'], ours: number, fields = {}): OperatorTiming => ({
  ...{ device: 'cpu', shape: [64, 32], direction },
  micros: [
    [ours, 100],
    [3 * ours, 300],
    [50 * ours, 100],
  ],
  ...fields,
})

const rawOf = (fields: Partial<CustomOperatorRaw> = {}): CustomOperatorRaw => ({
  build: 'from the cache',
  threads: 1,
  keepsFreed: true,
  checks: [
    { what: 'values, cpu, float32', outcome: 'passed', detail: '9 cases, off by 1e-7 at most' },
    { what: 'gradients by differences, cpu, float64', outcome: 'passed', detail: 'off by 3e-9 at most' },
    { what: 'kernel of CUDA, run', outcome: 'skipped', detail: 'no GPU' },
  ],
  timings: [timing('forward', 50), timing('forward and back', 25)],
  ...fields,
})

describe('the verdict on a custom operator', () => {
  it('is reproduced where it is equal and faster everywhere, by the median of rounds', () => {
    expect(judgeOperator(rawOf(), 'quick')).toMatchObject({
      verdict: 'reproduced',
      conditions: expect.stringContaining('1 thread, freed memory kept for the next step; from'),
      measured: '2.0 times as fast forward, 4.0 with gradients; 2 of 2 checks passed',
      reason: expect.stringContaining('CUDA kernel was not run'),
    })
  })

  it('is partly so where it is not faster everywhere, with where', () => {
    const judged = judgeOperator(
      rawOf({ timings: [timing('forward', 50), timing('forward and back', 120)] }),
      'quick',
    )
    expect(judged).toMatchObject({
      verdict: 'partly',
      reason: expect.stringContaining('Not faster: 64 x 32, forward and back'),
    })
  })

  it('is not where it is faster nowhere, or is not its reference', () => {
    expect(judgeOperator(rawOf({ timings: [timing('forward', 101)] }), 'quick').verdict).toBe(
      'not reproduced',
    )
    const checks = rawOf().checks.map((check, at) =>
      at === 0 ? { ...check, outcome: 'failed' as const } : check,
    )
    const other = judgeOperator(rawOf({ checks }), 'quick')
    expect(other).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringContaining('not its reference'),
    })
    const values = rawOf().checks.slice(0, 1)
    expect(judgeOperator(rawOf({ checks: values }), 'quick').verdict).toBe('not reproduced')
  })

  it('mentions the GPU that it ran on', () => {
    const timings = [timing('forward', 50), timing('forward', 50, { device: 'cuda' })]
    expect(judgeOperator(rawOf({ timings }), 'quick').reason).toContain('ran on this GPU')
  })
})
