import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, quantile, quantileOfSorted } from './statistics.ts'

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 })

describe('quantile', () => {
  it.each([
    // numpy.quantile([15, 20, 35, 40, 50], q)
    [[15, 20, 35, 40, 50], 0.4, 29],
    [[50, 40, 35, 20, 15], 0.9, 46],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9.1],
    [[7], 0.99, 7],
  ])('of %j at %d is %d, as numpy has it', (given, share, expected) => {
    expect(quantile(given, share)).toBeCloseTo(expected, 10)
  })

  it('is one of two neighbours or between them, never falls with its share, and leaves what it is given as it was', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const before = [...given]
        const found = quantile(given, share)
        expect(given).toEqual(before)
        const atMost = given.filter((value) => value <= found).length / given.length
        expect(atMost).toBeGreaterThanOrEqual(Math.floor(share * (given.length - 1) + 1e-9) / given.length)
        expect(found).toBeLessThanOrEqual(quantile(given, Math.min(1, share + 0.1)))
        expect(
          quantileOfSorted(
            [...given].sort((a, b) => a - b),
            share,
          ),
        ).toBe(found)
      }),
    )
  })

  it('of the ends are the least and the most, and of nothing is no number', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect([quantile(given, 0), quantile(given, 1)]).toEqual([Math.min(...given), Math.max(...given)])
      }),
    )
    expect([quantile([], 0.5), median([])]).toEqual([Number.NaN, Number.NaN])
  })
})

it('median is the mean of the two in the middle where there are two', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})
