import { describe, expect, it } from 'vitest'
import { erfc, logErfc, logNormalCdf } from './gaussian-tails.ts'

// By mpmath with 40 digits.
const known = [
  [0, 1],
  [0.1, 0.8875370839817152],
  [0.5, 0.4795001221869535],
  [1, 0.15729920705028513],
  [2, 0.004677734981047266],
  [5, 1.537459794428035e-12],
  [10, 2.088487583762545e-45],
  [26, 5.663192408856143e-296],
] as const

describe('erfc', () => {
  it.each(known)('of %d has twelve digits or more', (x, expected) => {
    expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-12)
    expect(Math.abs(erfc(-x) / (2 - expected) - 1)).toBeLessThan(1e-15)
  })

  it('has a logarithm also where it is too small for a double', () => {
    for (const [x, expected] of known) expect(logErfc(x)).toBeCloseTo(Math.log(expected), 11)
    expect(logErfc(1000) / -1000007.480120722).toBeCloseTo(1, 14)
    expect(logErfc(-30)).toBeCloseTo(Math.LN2, 15)
    expect(logErfc(Number.POSITIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
    expect(logErfc(Number.NEGATIVE_INFINITY)).toBeCloseTo(Math.LN2, 15)
  })

  it('of what is no number is none', () => {
    expect(erfc(Number.NaN)).toBeNaN()
    expect(logErfc(Number.NaN)).toBeNaN()
  })
})

it('the normal distribution function is one half in the middle', () => {
  expect(logNormalCdf(0)).toBeCloseTo(-Math.LN2, 15)
  expect(Math.exp(logNormalCdf(1.959963984540054))).toBeCloseTo(0.975, 14)
})
