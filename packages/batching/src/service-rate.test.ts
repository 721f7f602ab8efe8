import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceRate } from './service-rate.ts'

describe('ServiceRate', () => {
  it('says when everyone before will have been admitted', () => {
    const rate = new ServiceRate()
    rate.record(4000)
    expect(rate.retryAfterSeconds(0, 8)).toBe(1)
    expect(rate.retryAfterSeconds(15, 8)).toBe(8)
    expect(rate.retryAfterSeconds(31, 8)).toBe(16)
  })

  it('learns when requests become slower', () => {
    const rate = new ServiceRate()
    rate.record(100)
    for (let each = 0; each < 20; each += 1) rate.record(10_000)
    expect(rate.retryAfterSeconds(7, 8)).toBe(10)
  })

  it('knows the age of the longest one before any has ended', () => {
    const rate = new ServiceRate()
    expect(rate.retryAfterSeconds(15, 8)).toBe(1)
    expect(rate.retryAfterSeconds(15, 8, 30_000)).toBe(60)
  })

  it('stays between 1 and 600 whole seconds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.nat(10_000),
        fc.integer({ min: 1, max: 64 }),
        (millis, waiting, places) => {
          const rate = new ServiceRate()
          rate.record(millis)
          const seconds = rate.retryAfterSeconds(waiting, places)
          expect(Number.isInteger(seconds)).toBe(true)
          expect(seconds).toBeGreaterThanOrEqual(1)
          expect(seconds).toBeLessThanOrEqual(600)
        },
      ),
    )
  })
})
