import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate, calibrationIssue, shares, suspicionOf, tableOf } from './calibration.ts'

const scores = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 })

describe('a calibration', () => {
  it('never falls with the score, and stays from 0 to 1', () => {
    fc.assert(
      fc.property(scores, fc.array(fc.double({ min: -60, max: 60, noNaN: true })), (benign, requested) => {
        const table = calibrate(benign)
        let before = 0
        for (const score of requested.sort((a, b) => a - b)) {
          const now = suspicionOf(table, score)
          expect(now).toBeGreaterThanOrEqual(before)
          expect(now).toBeLessThanOrEqual(1)
          before = now
        }
      }),
    )
  })

  it('lets as many benign texts through as it says', () => {
    const benign = Array.from({ length: 2000 }, (_, at) => ((at * 7919) % 2000) / 2000)
    const table = calibrate(benign)
    for (const share of [0.5, 0.9, 0.99]) {
      const over = benign.filter((score) => suspicionOf(table, score) >= share).length / benign.length
      expect(over).toBeCloseTo(1 - share, 2)
    }
  })

  it('of one text, or of texts that all score alike, is certain of nothing', () => {
    for (const table of [calibrate([0.3]), calibrate([0.3, 0.3, 0.3, 0.3])]) {
      expect(suspicionOf(table, 0.3)).toBe(0)
      expect(suspicionOf(table, 0.31)).toBeLessThan(0.99)
      expect(suspicionOf(table, 1000)).toBeLessThan(0.99)
    }
    // All equal but one.
    const table = calibrate([...Array.from({ length: 99 }, () => 0), 1])
    expect(suspicionOf(table, 0.5)).toBeLessThan(0.995)
    expect(suspicionOf(table, 3)).toBeGreaterThan(0.995)
  })

  it('that was read may be none, and says why', () => {
    expect(calibrationIssue(JSON.parse(JSON.stringify({ en: calibrate([1, 2, 3]) })))).toBeUndefined()
    expect(calibrationIssue({})).toBeUndefined()
    for (const given of [
      null,
      [],
      'en',
      { en: null },
      { en: {} },
      { en: { count: 0, scores: calibrate([1]).scores } },
      { en: { count: 5, scores: [1, 2] } },
      { en: { count: 5, scores: shares.map(() => null) } },
      { en: { count: 5, scores: shares.map((share) => -share) } },
    ])
      expect(calibrationIssue(given)).toEqual(expect.any(String))
  })

  it('is chosen by language, and is undefined when the language has none', () => {
    const [en, other] = [calibrate([1]), calibrate([2])]
    expect(tableOf({ en, other }, 'zh')).toBe(other)
    expect(tableOf({ en }, 'zh')).toBeUndefined()
    expect(() => calibrate([])).toThrow(RangeError)
    expect(suspicionOf(en, Number.NaN)).toBe(0)
  })
})
