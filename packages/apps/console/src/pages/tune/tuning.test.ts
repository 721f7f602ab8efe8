import type { TuneKnobs, TuneProgress, TuneResult } from '@hadal/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logAxis } from './axes.ts'
import { optionsOf } from './tune-fields.ts'
import { tuneWords } from './tune-words.ts'
import { idOf, paretoOf, type ShownPoint, tuningOf } from './tuning.ts'
import { whyChosen } from './why-chosen.ts'

const start: TuneKnobs = {
  maxBatchSize: 2,
  maxBatchTokens: 512,
  maxPrefillTokensWhileDecoding: 128,
  timeoutMicros: 0,
  threads: 2,
  contextLength: 512,
  speculation: 'auto',
}
const better: TuneKnobs = { ...start, maxBatchSize: 16 }

const begin: TuneProgress = {
  type: 'begin',
  model: 'nano',
  start,
  slo: { ttftMillis: 500 },
  requests: 100,
  validated: 1,
}
const point = (knobs: TuneKnobs, requestsPerSecond: number, ttftMillis: number): TuneProgress => ({
  type: 'point',
  knobs,
  requestsPerSecond,
  ttftMillis,
  isKept: ttftMillis <= 500,
})
const reported: readonly TuneProgress[] = [
  begin,
  { type: 'phase', phase: 'search', text: 'searching' },
  point(start, 2, 300),
  point(start, 4, 900),
  point(better, 8, 450),
  point(better, 10, 2000),
]
const attempt = (isKept: boolean): TuneProgress => ({
  type: 'attempt',
  name: 'tuned',
  offered: 7,
  failed: 0,
  knobs: better,
  requestsPerSecond: 6.5,
  ttftMillis: 480,
  isKept,
})
const result: TuneResult = {
  tried: 2,
  slowdown: 1,
  slo: { ttftMillis: 500 },
  points: [],
  best: { name: 'tuned', knobs: better },
  validations: [],
  promises: [],
  frontier: [],
}
const say = tuneWords.en

describe('what is known of a tuning', () => {
  it('grows with every line that comes, and what is none is passed over', () => {
    const hostile = [null, 1, 'x', { type: 'eval' }, { type: 'point' }].slice(0, 4)
    const early = tuningOf([...hostile, ...reported.slice(0, 4)], undefined)
    expect(early.phase).toBe('search')
    expect(early.candidates).toHaveLength(1)
    expect(early.chosen).toMatchObject({ isStart: true, best: { requestsPerSecond: 2 } })
    const later = tuningOf(reported, undefined)
    expect(later.points).toHaveLength(4)
    expect(later.candidates.map(({ id }) => id)).toEqual([idOf(better), idOf(start)])
    expect(later.candidates[0]).toMatchObject({ loads: 2, real: undefined, best: { requestsPerSecond: 8 } })
    expect(tuningOf([], undefined)).toMatchObject({ begin: undefined, points: [], chosen: undefined })
  })

  it('says why it was chosen, and what real load said of it', () => {
    const why = (...more: TuneProgress[]) => whyChosen(tuningOf([...reported, ...more], result), true, say)
    expect(why()[0]).toBe(say.whyBetter('8', '2', '4'))
    expect(why().at(-1)).toBe(say.whyUntried)
    expect(why(attempt(true)).at(-1)).toBe(say.whyReal('6.5'))
    expect(why(attempt(false)).at(-1)).toBe(say.whyNotReal)
  })

  it('says it also where nothing is better, where nothing was good before, and where nothing is good', () => {
    const own = { ...result, best: { name: 'as it is', knobs: start } }
    expect(whyChosen(tuningOf(reported.slice(0, 4), own), true, say)[0]).toBe(say.whySame('2'))
    const never = reported.map((each) => (each === reported[2] ? point(start, 2, 600) : each))
    expect(whyChosen(tuningOf(never, result), true, say)[0]).toBe(say.whyOnly('8'))
    expect(whyChosen(tuningOf([begin, point(start, 1, 900)], own), true, say)).toEqual([say.whyNone])
    expect(whyChosen(tuningOf([begin], undefined), false, say)).toEqual([])
  })

  it('says nothing of settings as they are before they were tried, and leaves none alone before the end', () => {
    const early = tuningOf(reported.slice(0, 4), undefined)
    expect(whyChosen(early, false, say)[0]).toBe(say.whySoFar('2'))
    const without = tuningOf([begin, ...reported.slice(4)], undefined)
    expect(whyChosen(without, false, say)[0]).toBe(say.whyBears('8'))
  })
})

describe('the frontier', () => {
  it('has every point that no other beats, and no other', () => {
    const points = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
        .map(([requestsPerSecond, millis]) => ({ requestsPerSecond, millis }) as ShownPoint),
    )
    fc.assert(
      fc.property(points, (all) => {
        const best = paretoOf(all)
        const beats = (a: ShownPoint, b: ShownPoint): boolean =>
          a.requestsPerSecond >= b.requestsPerSecond &&
          a.millis <= b.millis &&
          (a.requestsPerSecond > b.requestsPerSecond || a.millis < b.millis)
        for (const each of best) expect(all.some((other) => beats(other, each))).toBe(false)
        for (const each of all.filter((one) => !all.some((other) => beats(other, one))))
          expect(best).toContainEqual(each)
        const rates = best.map(({ requestsPerSecond }) => requestsPerSecond)
        expect(rates).toEqual([...rates].sort((a, b) => a - b))
      }),
    )
  })
})

describe('an axis', () => {
  it('holds all of its values and names few of them', () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(values, (all) => {
        const axis = logAxis(all, 6)
        for (const value of all) {
          expect(axis.at(value)).toBeGreaterThan(0)
          expect(axis.at(value)).toBeLessThan(1)
        }
        expect(axis.ticks.length).toBeLessThanOrEqual(6)
        for (const tick of axis.ticks) expect(axis.at(tick)).toBeGreaterThanOrEqual(0)
      }),
    )
    expect(logAxis([]).ticks.length).toBeGreaterThan(0)
    expect(logAxis([0, Number.NaN, 100]).at(100)).toBeGreaterThan(0)
  })
})

it('a form leaves out what was left empty', () => {
  expect(optionsOf({})).toEqual({ traffic: 'poisson' })
  expect(optionsOf({ rate: 3, promptTokens: ' 64 ', outputTokens: '', threadsTried: '1, 2' })).toEqual({
    traffic: 'poisson',
    rate: 3,
    promptTokens: '64',
    threadsTried: [1, 2],
  })
  expect(optionsOf({ traffic: 'recorded', recorded: '{}' })).toEqual({ recorded: '{}' })
})
