import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DayName, dayShapes } from './day-shapes.ts'
import { syntheticDay } from './synthetic-day.ts'

const names = Object.keys(dayShapes) as DayName[]

describe('a made-up day', () => {
  it('is the same for the same seed, another for another, and never asks for less than nothing', () => {
    const options = fc.record({
      name: fc.constantFrom(...names),
      seed: fc.integer({ min: 1, max: 1_000_000_000 }),
      peak: fc.constantFrom(0.01, 1, 10_000),
    })
    fc.assert(
      fc.property(options, ({ name, seed, peak }) => {
        const day = (by: number) => syntheticDay(name, { seed: by, peak, days: 1, stepMillis: 300_000 })
        const [first, again, other] = [day(seed), day(seed), day(seed + 1)]
        expect(first.load.join()).toBe(again.load.join())
        expect(first.load.join() === other.load.join()).toBe(false)
        expect(first.load.length).toBe(288)
        expect(first.load.every((each) => each >= 0 && Number.isFinite(each))).toBe(true)
        expect(first.history.every(({ at, value }) => at < first.startAt && value >= 0)).toBe(true)
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  it.each(names)('of %s has ordered outages within its last day', (name) => {
    const { sights, startAt, load, stepMillis } = syntheticDay(name, { seed: 1, peak: 1, days: 3 })
    const end = startAt + load.length * stepMillis
    for (const [index, { from, until }] of sights.entries()) {
      expect(from).toBeGreaterThanOrEqual(end - 86_400_000)
      expect(until).toBeGreaterThan(from)
      expect(until).toBeLessThanOrEqual(end)
      expect(from).toBeGreaterThanOrEqual(sights[index - 1]?.from ?? 0)
    }
  })

  it('has its surprise on the last day alone', () => {
    const { load } = syntheticDay('flash-crowd', { seed: 1, peak: 10, days: 2 })
    const maxOf = (values: Float64Array): number => values.reduce((most, each) => Math.max(most, each), 0)
    const half = load.length / 2
    expect(maxOf(load.subarray(0, half))).toBeLessThan(3)
    expect(maxOf(load.subarray(half))).toBeGreaterThan(8)
  })

  it('has less on weekends', () => {
    const { load } = syntheticDay('week', { seed: 1, peak: 10 })
    const ofDay = (day: number): number =>
      load.subarray(day * 5760, (day + 1) * 5760).reduce((sum, each) => sum + each, 0)
    expect(ofDay(5)).toBeLessThan(ofDay(4) / 2)
  })
})
