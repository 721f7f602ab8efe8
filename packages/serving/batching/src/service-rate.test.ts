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

describe('the time to a first result', () => {
  const backlog = { ahead: 0, places: 4, free: 0, longestRunningMillis: 0 }

  it('is nothing before anything was measured', () => {
    expect(new ServiceRate().firstMillis(backlog)).toBe(0)
  })

  it('is the wait for a place and what it takes from there', () => {
    const rate = new ServiceRate()
    for (let each = 0; each < 50; each += 1) {
      rate.record(4000)
      rate.recordFirst(100)
    }
    expect(rate.firstMillis({ ...backlog, free: 1 })).toBeCloseTo(100, 0)
    expect(rate.firstMillis({ ...backlog, ahead: 3 })).toBeCloseTo(4100, 0)
  })

  it('goes by the longest at work only until something was measured', () => {
    const rate = new ServiceRate()
    expect(rate.firstMillis({ ...backlog, ahead: 3, longestRunningMillis: 8000 })).toBe(8000)
    rate.record(400)
    expect(rate.firstMillis({ ...backlog, ahead: 3, longestRunningMillis: 8000 })).toBe(400)
  })

  it('allows for twice as much again after one measurement, as RFC 6298 does', () => {
    const rate = new ServiceRate()
    rate.recordFirst(100)
    expect(rate.minMillis).toBe(300)
  })

  it('allows for times that vary', () => {
    const rate = new ServiceRate()
    for (let each = 0; each < 50; each += 1) rate.recordFirst(each % 2 === 0 ? 50 : 150)
    expect(rate.minMillis).toBeGreaterThan(200)
  })

  it('is guessed with more caution after promises that were not kept, and with less again after many that were', () => {
    const rate = new ServiceRate()
    rate.record(1000)
    const wait = (): number => rate.firstMillis({ ...backlog, ahead: 3 })
    expect(wait()).toBe(1000)
    for (let each = 0; each < 5; each += 1) rate.promised(false)
    expect(wait()).toBeGreaterThan(2400)
    for (let each = 0; each < 1000; each += 1) rate.promised(true)
    expect(wait()).toBe(1000)
    for (let each = 0; each < 1000; each += 1) rate.promised(false)
    expect(wait()).toBe(16_000)
  })
})
