import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineLearningRate, learningRateAt, type Schedule, type WsdSchedule } from './schedule.ts'
import { scheduleIssues } from './schedule-issues.ts'

const prefixes = fc
  .record({
    peak: fc.double({ min: 1e-5, max: 1, noNaN: true }),
    warmupSteps: fc.nat(50),
    more: fc.integer({ min: 1, max: 200 }),
    floorFraction: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ more, ...rest }) => ({ ...rest, totalSteps: rest.warmupSteps + more }))

const wsd: fc.Arbitrary<WsdSchedule> = fc
  .tuple(prefixes, fc.nat(1000), fc.constantFrom('linear' as const, '1-sqrt' as const))
  .map(([begin, decay, decayShape]) => ({
    ...begin,
    kind: 'wsd',
    decaySteps: 1 + (decay % (begin.totalSteps - begin.warmupSteps)),
    decayShape,
  }))

const withFloor: fc.Arbitrary<Exclude<Schedule, { kind: 'inverse-sqrt' }>> = fc.oneof(
  prefixes,
  prefixes.map((begin) => ({ ...begin, kind: 'linear' as const })),
  wsd,
)

const inverseSqrt: fc.Arbitrary<Extract<Schedule, { kind: 'inverse-sqrt' }>> = fc
  .tuple(prefixes, fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }))
  .map(([{ floorFraction: _, ...begin }, timescale]) => ({
    ...begin,
    kind: 'inverse-sqrt',
    ...(timescale === undefined ? {} : { timescale }),
  }))

const ratesOf = (schedule: Schedule): number[] =>
  Array.from({ length: schedule.totalSteps + 3 }, (_, step) => learningRateAt(schedule, step))

describe('every schedule', () => {
  it('rises in a straight line to the peak, and only falls from there', () => {
    fc.assert(
      fc.property(fc.oneof(withFloor, inverseSqrt), (schedule) => {
        const { peak, warmupSteps } = schedule
        expect(scheduleIssues(schedule)).toEqual([])
        const rates = ratesOf(schedule)
        rates.forEach((rate, step) => {
          expect(rate).toBeGreaterThanOrEqual(0)
          expect(rate).toBeLessThanOrEqual(peak * (1 + 1e-12))
          if (step < warmupSteps) expect(rate).toBeCloseTo((peak * (step + 1)) / warmupSteps, 12)
          if (step > warmupSteps) expect(rate).toBeLessThanOrEqual(rates[step - 1]! * (1 + 1e-12))
        })
        expect(rates[warmupSteps]).toBeCloseTo(peak, 12)
      }),
    )
  })

  it('with a floor ends and stays there', () => {
    fc.assert(
      fc.property(withFloor, (schedule) => {
        for (const rate of ratesOf(schedule).slice(schedule.totalSteps))
          expect(rate).toBeCloseTo(schedule.peak * schedule.floorFraction, 12)
      }),
    )
  })
})

it('without a kind, or with its own, it is the cosine, to the bit', () => {
  fc.assert(
    fc.property(prefixes, fc.nat(300), (schedule, step) => {
      const rate = cosineLearningRate(schedule, step)
      expect(learningRateAt(schedule, step)).toBe(rate)
      expect(learningRateAt({ ...schedule, kind: 'cosine' }, step)).toBe(rate)
    }),
  )
})

it('a straight line loses the same in every step', () => {
  const schedule = { kind: 'linear', peak: 1, warmupSteps: 2, totalSteps: 6, floorFraction: 0.2 } as const
  expect(ratesOf(schedule).map((rate) => Number(rate.toFixed(12)))).toEqual([
    0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2,
  ])
})

describe('warm-up, stable, decay', () => {
  it('holds exactly the peak until the decay begins, however long the run is to be', () => {
    fc.assert(
      fc.property(wsd, fc.nat(100), (schedule, longer) => {
        const stable = schedule.totalSteps - schedule.decaySteps
        const prolonged = { ...schedule, totalSteps: schedule.totalSteps + longer }
        for (let step = 0; step <= stable; step += 1) {
          const rate = learningRateAt(schedule, step)
          if (step >= schedule.warmupSteps) expect(rate).toBe(schedule.peak)
          expect(learningRateAt(prolonged, step)).toBe(rate)
        }
      }),
    )
  })

  it('falls below the straight line as 1-sqrt', () => {
    fc.assert(
      fc.property(wsd, fc.nat(300), (schedule, step) => {
        const as = (decayShape: 'linear' | '1-sqrt'): number =>
          learningRateAt({ ...schedule, decayShape }, step)
        expect(as('1-sqrt')).toBeLessThanOrEqual(as('linear') * (1 + 1e-12))
      }),
    )
  })
})

describe('the inverse square root', () => {
  it('halves when the steps grow fourfold, and knows nothing of the end', () => {
    fc.assert(
      fc.property(inverseSqrt, (schedule) => {
        const { peak, warmupSteps, timescale = Math.max(1, warmupSteps) } = schedule
        expect(learningRateAt(schedule, warmupSteps + 3 * timescale)).toBeCloseTo(peak / 2, 12)
        expect(ratesOf({ ...schedule, totalSteps: 7 }).slice(0, 4)).toEqual(ratesOf(schedule).slice(0, 4))
      }),
    )
  })
})

describe('scheduleFaults', () => {
  const begin = { peak: 1, warmupSteps: 2, totalSteps: 10, floorFraction: 0 }

  it('names every issue at once', () => {
    const wrong = { peak: 0, warmupSteps: 12, totalSteps: 10, floorFraction: 2, flor: 1 }
    expect(scheduleIssues(wrong)).toEqual([
      'flor is unknown to cosine; there are kind, peak, warmupSteps, totalSteps, floorFraction',
      'warmupSteps is 12; it must be at most totalSteps',
      'peak is 0; it must be above 0',
      'floorFraction is 2; it must be from 0 to 1',
    ])
    expect(scheduleIssues({ ...begin, totalSteps: 1.5, warmupSteps: -1 })).toHaveLength(2)
  })

  it('knows what belongs to which kind', () => {
    expect(scheduleIssues({ ...begin, kind: 'cosinus' } as unknown as Schedule)).toEqual([
      'kind is "cosinus"; it must be one of cosine, linear, wsd, inverse-sqrt',
    ])
    const decay = { ...begin, kind: 'wsd', decaySteps: 9, decayShape: 'cubic' } as unknown as Schedule
    expect(scheduleIssues(decay)).toEqual([
      'decaySteps is 9; it must be at most totalSteps - warmupSteps (8)',
      'decayShape is cubic; it must be linear or 1-sqrt',
    ])
    const { floorFraction: _, ...noFloor } = begin
    expect(scheduleIssues({ ...noFloor, kind: 'inverse-sqrt', timescale: 0 })).toEqual([
      'timescale is 0; it must be above 0',
    ])
  })
})
