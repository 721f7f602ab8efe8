import { expect, it } from 'vitest'
import { clopperPearson } from './clopper-pearson.ts'

// By scipy.stats.beta.ppf.
it.each([
  [0, 10, 0.025, 0, 0.3084971],
  [10, 10, 0.025, 0.6915029, 1],
  [3, 10, 0.025, 0.0667395, 0.6524529],
  [50, 1000, 0.025, 0.0373354, 0.0653905],
  [900, 1000, 0.0005, 0.865225, 0.9286245],
  [7, 50_000, 0.05, 0.0000657, 0.0002629],
])('%i of %i at risk %d lie between %d and %d', (successes, trials, risk, low, high) => {
  const interval = clopperPearson(successes, trials, risk)
  expect(interval.low).toBeCloseTo(low, 6)
  expect(interval.high).toBeCloseTo(high, 6)
})
