import { expect, it } from 'vitest'
import { median, quantile, quartileRatio } from './median.ts'

it('takes the middle, or the mean of the middle two', () => {
  expect([median([9, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7])
  expect(median([])).toBeNaN()
})

it('has a quantile that is one of the values', () => {
  expect([quantile([3, 1, 2], 0.99), quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0)]).toEqual([3, 2, 1])
  expect(quantile([], 0.5)).toBeNaN()
})

it('compares quartiles, which one outlier of many does not move', () => {
  expect([quartileRatio([1, 2, 3]), quartileRatio([2, 2, 2, 2, 2, 3, 90])]).toEqual([3, 1.5])
})
