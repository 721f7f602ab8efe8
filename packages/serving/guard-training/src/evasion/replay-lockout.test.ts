import { budgetDefaults } from '@hadal/guard'
import { expect, it } from 'vitest'
import { replayLockout } from './replay-lockout.ts'

const verdict = (action: 'block' | 'allow') => ({ action, isNearMiss: false, findings: [] })
const trace = (blocked: number, evaded: boolean) => ({
  verdicts: [
    ...Array.from({ length: blocked }, () => verdict('block')),
    ...(evaded ? [verdict('allow')] : []),
  ],
  evaded,
})
const limits = {
  ...budgetDefaults,
  forgiven: 0.03,
  blocked: 5,
  forgetMillis: 600_000,
  lockoutMillis: 900_000,
}

it('separates attacks that succeed before a lockout from those that must wait', () => {
  const lockout = replayLockout([trace(2, true), trace(20, true), trace(30, false)], limits, 1000)
  expect([lockout.beforeLockout.count, lockout.beforeLockout.of]).toEqual([1, 3])
  // One more than the budget, because some decays meanwhile.
  expect(lockout.medianQueriesToLockout).toBe(6)
  expect(lockout.medianMillisWithout).toBe(12_000)
})

it('counts the waiting', () => {
  const { medianMillis, medianMillisWithout } = replayLockout([trace(20, true)], limits, 1000)
  expect(medianMillisWithout).toBe(21_000)
  expect(medianMillis).toBeGreaterThan(900_000)
})

it('omits lockout statistics when there are no attacks', () => {
  expect(replayLockout([], limits, 1000)).toEqual({
    beforeLockout: { count: 0, of: 0, share: 0, low: 0, high: 1 },
  })
})
