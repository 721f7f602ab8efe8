import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateWake, type WakeRecord } from './estimate-wake.ts'

const record = (wholeMillis: number, startMillis?: number): WakeRecord => ({
  at: 0,
  wholeMillis,
  startMillis,
})
const records = [40, 60, 50, 45, 90].map((seconds) => record(seconds * 1000, seconds * 500))

describe('an estimate of a wake', () => {
  it('is the median of those before, and their 90th percentile', () => {
    expect(estimateWake(records, { wholeMillis: 0 })).toEqual({
      likelyMillis: 50_000,
      latestMillis: 78_000,
      basis: 'measured',
      wakes: 5,
      isOverdue: false,
    })
  })

  it('goes by those alone that lasted as long as this one', () => {
    const estimate = estimateWake(records, { wholeMillis: 55_000 })
    expect(estimate).toMatchObject({ likelyMillis: 20_000, latestMillis: 32_000, isOverdue: false })
  })

  it('goes by what starts took, once a pod is there', () => {
    const estimate = estimateWake(records, { wholeMillis: 70_000, startMillis: 10_000 })
    expect(estimate).toMatchObject({ likelyMillis: 15_000, latestMillis: 29_000 })
  })

  it('says that it takes longer than ever', () => {
    expect(estimateWake(records, { wholeMillis: 100_000 })).toMatchObject({
      likelyMillis: 100_000,
      isOverdue: true,
    })
  })

  it('rests on what is expected, then on what an engine says, before anything was measured', () => {
    const progress = { wholeMillis: 10_000, startMillis: 4000 }
    const prior = { expectedMillis: 45_000, reportedStartMillis: 20_000 }
    expect(estimateWake([], progress, prior)).toMatchObject({ likelyMillis: 35_000, basis: 'expected' })
    expect(estimateWake([], progress, { reportedStartMillis: 20_000 })).toMatchObject({
      likelyMillis: 16_000,
      basis: 'reported',
      wakes: 0,
    })
    expect(estimateWake([], progress)).toBeUndefined()
  })

  it('is never negative, never in the wrong order, and never grows while nothing changes but the time', () => {
    const millis = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(fc.array(millis, { minLength: 1, maxLength: 20 }), millis, millis, (all, now, more) => {
        const before = estimateWake(
          all.map((each) => record(each)),
          { wholeMillis: now },
        )!
        const after = estimateWake(
          all.map((each) => record(each)),
          { wholeMillis: now + more },
        )!
        expect(before.likelyMillis).toBeGreaterThanOrEqual(0)
        expect(before.latestMillis).toBeGreaterThanOrEqual(before.likelyMillis)
        // The estimated time only moves later.
        expect(now + more + after.likelyMillis).toBeGreaterThanOrEqual(now + before.likelyMillis)
      }),
    )
  })
})
