import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

it('gives percentiles within a hundredth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, fraction) => {
        const histogram = new Histogram()
        for (const value of values) histogram.add(value)
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(fraction * values.length) - 1]!
        expect(histogram.percentile(fraction)).toBeGreaterThanOrEqual(exact * 0.99)
        expect(histogram.percentile(fraction)).toBeLessThanOrEqual(exact * 1.011)
        expect(histogram.summary!.max).toBe(Math.max(...values))
      },
    ),
  )
})

it('counts what came several times', () => {
  const histogram = new Histogram()
  histogram.add(1, 98)
  histogram.add(100, 2)
  expect(histogram.percentile(0.98)).toBeCloseTo(1, 1)
  expect(histogram.percentile(0.99)).toBeCloseTo(100, 0)
  expect(histogram.mean).toBeCloseTo(2.98)
  expect(new Histogram().summary).toBeUndefined()
})
