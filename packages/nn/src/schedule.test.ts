import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cosineLearningRate } from './schedule.ts'

const schedules = fc
  .record({
    peak: fc.double({ min: 1e-5, max: 1, noNaN: true }),
    warmupSteps: fc.nat(50),
    more: fc.integer({ min: 1, max: 200 }),
    floorFraction: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ more, ...rest }) => ({ ...rest, totalSteps: rest.warmupSteps + more }))

it('rises to the peak, falls to the floor and stays there', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const { peak, warmupSteps, totalSteps, floorFraction } = schedule
      const rates = Array.from({ length: totalSteps + 3 }, (_, step) => cosineLearningRate(schedule, step))
      rates.forEach((rate, step) => {
        expect(rate).toBeLessThanOrEqual(peak * (1 + 1e-12))
        if (step > 0 && step < warmupSteps) expect(rate).toBeGreaterThan(rates[step - 1]!)
        if (step > warmupSteps) expect(rate).toBeLessThanOrEqual(rates[step - 1]! * (1 + 1e-12))
      })
      expect(rates[warmupSteps]).toBeCloseTo(peak, 12)
      for (const rate of rates.slice(totalSteps)) expect(rate).toBeCloseTo(peak * floorFraction, 12)
    }),
  )
})
