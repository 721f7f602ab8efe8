import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resample, sparkline } from './sparkline.ts'

describe('a sparkline', () => {
  it.each([
    ['nothing', [], ''],
    ['one value', [3], '▅'],
    ['values that are equal', [2, 2, 2], '▅▅▅'],
    ['a line', [1, 2, 3, 4], '▁▃▆█'],
    ['all heights', [8, 9, 10, 11, 12, 13, 14, 15], '▁▂▃▄▅▆▇█'],
    ['values of several magnitudes, by logarithms', [1000, 100, 10, 1], '█▆▃▁'],
    ['values around zero, as they are', [-1, 0, 1], '▁▅█'],
    ['values with a zero, as they are', [100, 1, 0], '█▁▁'],
    ['what is no number', [1, Number.NaN, 2, Number.POSITIVE_INFINITY], '▁×█×'],
    ['nothing but what is no number', [Number.NaN], '×'],
  ])('of %s', (_, values, line) => expect(sparkline(values, 10)).toBe(line))

  it('of more values than there is room shows means', () => {
    expect(resample([1, 3, 5, 7, 9], 2)).toEqual([2, 7])
    expect(sparkline([1, 1, 1, 1, 2, 2, 2, 2], 2)).toBe('▁█')
  })

  it('has a bar a value, or fills its room', () => {
    const values = fc.array(
      fc.oneof(fc.double({ min: -1e300, max: 1e300 }), fc.constant(Number.POSITIVE_INFINITY)),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(values, fc.nat(40), (given, width) => {
        expect(sparkline(given, width)).toMatch(new RegExp(`^[▁-█×]{${Math.min(given.length, width)}}$`))
      }),
    )
  })

  it('never rises where the values fall', () => {
    const falling = fc.array(fc.double({ min: 1e-3, max: 20, noNaN: true }), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(falling, fc.integer({ min: 1, max: 80 }), (given, width) => {
        const line = sparkline(
          [...given].sort((a, b) => b - a),
          width,
        )
        expect([...line].sort().reverse().join('')).toBe(line)
      }),
    )
  })
})
