import { expect, it } from 'vitest'
import { quartileRatio } from './quartile-ratio.ts'

it('compares quartiles, which one outlier of many does not move', () => {
  expect([quartileRatio([1, 2, 3]), quartileRatio([2, 2, 2, 2, 2, 3, 90])]).toEqual([3, 1.25])
})
