import { describe, expect, it } from 'vitest'
import { judgePrivate, type PrivateRaw } from './judge.ts'

const raw = (lost: readonly number[], epsilon = 2.99): PrivateRaw => ({
  what: 'pictures',
  rows: 1000,
  testRows: 100,
  features: 8,
  delta: 1e-3,
  accountant: 'prv',
  rounds: lost.map((points, index) => ({ seed: index, plain: 90, private: 90 - points, epsilon })),
})

describe('what private training cost', () => {
  it.each([
    [[1.2, 1.9, 1.5], 'reproduced'],
    [[-0.2, 0.1, 0], 'reproduced'],
    [[1.2, 2.1, 1.5], 'partly'],
    [[2.2, 2.5, 3.5], 'partly'],
    [[4.2, 5, 3.9], 'not reproduced'],
  ] as const)('%j points lost: %s', (lost, verdict) => {
    expect(judgePrivate(raw(lost)).verdict).toBe(verdict)
  })

  it('is never reproduced past the budget', () => {
    const { verdict, reason } = judgePrivate(raw([0.1, 0.1], 3.2))
    expect(verdict).toBe('not reproduced')
    expect(reason).toContain('3.200')
  })

  it('says mean, spread, epsilon and accountant', () => {
    const { measured, conditions, plots } = judgePrivate(raw([1, 2]))
    expect(measured).toBe(
      '1.50 ± 0.71 points lost at epsilon 2.99 (90.00 ± 0.00 % without, 88.50 ± 0.71 % with)',
    )
    expect(conditions).toContain('delta 0.0010, PRV accountant')
    expect(plots[0]).toMatchObject({ bars: [{ value: 1 }, { value: 2 }], mark: { value: 2 } })
  })
})
