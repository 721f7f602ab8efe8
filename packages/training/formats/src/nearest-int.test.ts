import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nearestInt } from './nearest-int.ts'

it('rounds to nearest, and the middle to the even one', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.49, 7.51, -7.51].map(nearestInt)).toEqual([0, 2, 2, 0, -2, 0, 8, -8])
})

it('is within a half of everything up to 4194303', () => {
  const float = fc.float({ noNaN: true, min: -4194303, max: 4194303 })
  fc.assert(fc.property(float, (value) => Math.abs(nearestInt(value) - value) <= 0.5))
})

it('gives what the bits give beyond that', () => {
  const beyond = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  expect(beyond.map(nearestInt)).toEqual([0, -4194304, -4194304])
})
