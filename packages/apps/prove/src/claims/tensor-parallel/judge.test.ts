import { describe, expect, it } from 'vitest'
import { judgeTensorParallel } from './judge.ts'
import type { DividedComparison, TensorParallelRaw } from './measure.ts'

const losses = [5, 4, 3, 3.5]

const comparison = (fields: Partial<DividedComparison> = {}): DividedComparison => ({
  layout: { name: 'layers over 2 ranks', ranks: 2 },
  seed: 1,
  aloneLosses: losses,
  dividedLosses: losses.map((loss) => loss * (1 + 2e-7)),
  alonePeakBytes: 1000,
  rankPeakBytes: [600, 620],
  weights: { relative: 3e-6, largest: 4e-5 },
  ...fields,
})

const rawOf = (...comparisons: DividedComparison[]): TensorParallelRaw => ({
  ...{ backends: ['gloo'], steps: 3, comparisons },
  rounding: [{ relative: 1e-6, largest: 1e-5 }],
  otherSeed: [{ relative: 0.7, largest: 1 }],
})

describe('the verdict on tensor parallelism', () => {
  it('is reproduced within rounding, and says what rounding and another seed are', () => {
    const { verdict, measured, reason, plots } = judgeTensorParallel(rawOf(comparison()), 'quick')
    expect(verdict).toBe('reproduced')
    expect(measured).toBe('losses differ by 2e-7 and weights by 3e-6 (relative) after 3 steps')
    expect(reason).toContain('grows to 1e-6, another seed is 7e-1 away')
    expect(reason).toContain('A rank of 2 holds 62 %')
    expect(plots[0]).toMatchObject({
      series: [
        {
          points: [
            [1, 5],
            [2, 4],
            [3, 3],
          ],
        },
        {},
      ],
    })
  })

  it('is partly so, or not, as far as the worst of all runs is off', () => {
    const off = (relative: number) => comparison({ seed: 2, weights: { relative, largest: 1e-3 } })
    expect(judgeTensorParallel(rawOf(comparison(), off(1e-3)), 'quick').verdict).toBe('partly')
    expect(judgeTensorParallel(rawOf(comparison(), off(0.1)), 'quick').verdict).toBe('not reproduced')
    const first = comparison({ dividedLosses: [5.00005, 4, 3, 3.5] })
    expect(judgeTensorParallel(rawOf(first), 'quick').verdict).toBe('partly')
    const other = comparison({ dividedLosses: [5, 4, 2, 3.5] })
    expect(judgeTensorParallel(rawOf(other), 'quick').verdict).toBe('not reproduced')
  })

  it('is not where a run ended early or has no numbers', () => {
    const early = comparison({ dividedLosses: losses.slice(0, 2) })
    expect(judgeTensorParallel(rawOf(early), 'quick').verdict).toBe('not reproduced')
    const nothing = comparison({ weights: { relative: null as unknown as number, largest: 0 } })
    expect(judgeTensorParallel(rawOf(nothing), 'quick').verdict).toBe('not reproduced')
  })

  it('is not to be had without gloo, and says so', () => {
    const judged = judgeTensorParallel({ ...rawOf(), backends: [] }, 'quick')
    expect(judged).toMatchObject({ verdict: 'not here', reason: expect.stringContaining('without gloo') })
  })
})
