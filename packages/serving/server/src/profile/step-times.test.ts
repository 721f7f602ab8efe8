import type { StepReport } from '@hadal/engine'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RecordedStep } from './recorded.ts'
import { stepTimes } from './step-times.ts'

function step(reportedAt: number, millis: number, endedAt?: number): RecordedStep {
  const report: StepReport = {
    step: 1,
    decodeTokens: 1,
    prefillTokens: 0,
    running: 1,
    millis,
    ...(endedAt !== undefined && { endedAt }),
  }
  return { model: 'm', report, reportedAt, waiting: 0, maxBatchSize: 4, kvCacheUsage: 0 }
}

it('takes end times from the engine’s clock, offset by the least delayed report', () => {
  // The engine's clock is 1000 behind; reports are delayed by 2, 0.5 and 9.
  const steps = [step(1012, 5, 10), step(1020.5, 5, 20), step(1039, 5, 30)]
  expect(stepTimes(steps)).toEqual([
    { startAt: 1005.5, endAt: 1010.5 },
    { startAt: 1015.5, endAt: 1020.5 },
    { startAt: 1025.5, endAt: 1030.5 },
  ])
})

it('places steps that were reported together one after another', () => {
  expect(stepTimes([step(100, 10), step(100, 20), step(101, 1)])).toEqual([
    { startAt: 70, endAt: 80 },
    { startAt: 80, endAt: 100 },
    { startAt: 100, endAt: 101 },
  ])
})

it('starts anew with the clock of a process that was started again', () => {
  const steps = [step(1001, 1, 900), step(1101, 1, 1000), step(5003, 1, 7), step(5011, 1, 16)]
  expect(stepTimes(steps).map(({ endAt }) => endAt)).toEqual([1001, 1101, 5002, 5011])
})

it('finds the true times but for one common delay, and never lets steps overlap', () => {
  const course = fc.array(
    fc.record({
      gap: fc.double({ min: 0, max: 50, noNaN: true }),
      millis: fc.double({ min: 0, max: 50, noNaN: true }),
      late: fc.double({ min: 0, max: 30, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(course, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (all, origin) => {
      let now = 0
      let reported = 0
      const ends: number[] = []
      const steps = all.map(({ gap, millis, late }) => {
        now += gap + millis
        ends.push(now)
        // Reports arrive in order.
        reported = Math.max(reported, now + late)
        return step(reported, millis, now + origin)
      })
      const times = stepTimes(steps)
      const least = Math.min(...steps.map(({ reportedAt }, at) => reportedAt - ends[at]!))
      for (const [at, { startAt, endAt }] of times.entries()) {
        expect(endAt).toBeLessThanOrEqual(steps[at]!.reportedAt + 1e-6)
        expect(endAt).toBeCloseTo(ends[at]! + least, 5)
        if (at > 0) expect(startAt).toBeGreaterThanOrEqual(times[at - 1]!.endAt)
      }
    }),
    { numRuns: 200 },
  )
})
