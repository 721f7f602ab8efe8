import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { best } from './best.ts'

const scores = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 40 })

describe('best', () => {
  it('lists the top N, best first, without duplicates, each with the probability of its own score', () => {
    fc.assert(
      fc.property(scores, fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }), (raw, top_n) => {
        const listed = best({ scores: raw, areProbabilities: false }, { top_n })
        expect(listed).toHaveLength(Math.min(top_n ?? raw.length, raw.length))
        expect(new Set(listed.map(({ index }) => index)).size).toBe(listed.length)
        for (const [at, { index, score }] of listed.entries()) {
          expect(score).toBeCloseTo(1 / (1 + Math.exp(-raw[index]!)), 12)
          if (at > 0) expect(raw[listed[at - 1]!.index]!).toBeGreaterThanOrEqual(raw[index]!)
        }
        const left = raw.filter((_, index) => !listed.some((each) => each.index === index))
        for (const score of left) expect(score).toBeLessThanOrEqual(raw[listed.at(-1)!.index]!)
      }),
    )
  })

  it('leaves probabilities and raw scores as they are', () => {
    const given = [0.25, 0.75]
    expect(best({ scores: given, areProbabilities: true }, {})).toEqual([
      { index: 1, score: 0.75 },
      { index: 0, score: 0.25 },
    ])
    expect(best({ scores: [-3, 2], areProbabilities: false }, { raw_scores: true })[0]!.score).toBe(2)
  })
})
