import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areaUnder, recallAtFalsePositiveRate, rocOf, type Scored } from './roc.ts'
import { shareOf } from './wilson-interval.ts'

const scoredTexts: fc.Arbitrary<Scored[]> = fc.array(
  fc.record({ isAttack: fc.boolean(), score: fc.integer({ min: 0, max: 12 }).map((n) => n / 12) }),
  { maxLength: 60 },
)

describe('rocOf', () => {
  it('goes from nothing caught to all caught, and never back', () => {
    fc.assert(
      fc.property(scoredTexts, (scored) => {
        const roc = rocOf(scored)
        expect(roc[0]).toEqual({ threshold: Number.POSITIVE_INFINITY, recall: 0, falsePositiveRate: 0 })
        for (const [at, { recall, falsePositiveRate, threshold }] of roc.entries()) {
          const before = roc[at - 1]
          if (before === undefined) continue
          expect(recall).toBeGreaterThanOrEqual(before.recall)
          expect(falsePositiveRate).toBeGreaterThanOrEqual(before.falsePositiveRate)
          expect(threshold).toBeLessThan(before.threshold)
        }
        if (scored.some(({ isAttack }) => isAttack)) expect(roc.at(-1)!.recall).toBe(1)
        if (scored.some(({ isAttack }) => !isAttack)) expect(roc.at(-1)!.falsePositiveRate).toBe(1)
      }),
    )
  })

  it('has the area of the pairs that are in order', () => {
    fc.assert(
      fc.property(scoredTexts, (scored) => {
        const [attacks, benign] = [true, false].map((is) => scored.filter(({ isAttack }) => isAttack === is))
        fc.pre(attacks!.length > 0 && benign!.length > 0)
        let wins = 0
        for (const attack of attacks!)
          for (const { score } of benign!) wins += attack.score > score ? 1 : attack.score === score ? 0.5 : 0
        expect(areaUnder(rocOf(scored))).toBeCloseTo(wins / (attacks!.length * benign!.length), 10)
      }),
    )
  })
})

describe('recallAtFalsePositiveRate', () => {
  it('is the best that a threshold gets without catching more benign texts than allowed', () => {
    fc.assert(
      fc.property(scoredTexts, fc.constantFrom(0, 0.01, 0.1, 0.3, 1), (scored, rate) => {
        const [attacks, benign] = [true, false].map((is) => scored.filter(({ isAttack }) => isAttack === is))
        const found = recallAtFalsePositiveRate(scored, rate)
        if (attacks!.length === 0 || benign!.length === 0) {
          expect(found).toBeUndefined()
          return
        }
        const reach = (of: readonly Scored[], threshold: number) =>
          of.filter(({ score }) => score >= threshold).length / of.length
        const best = Math.max(
          0,
          ...scored.flatMap(({ score }) => (reach(benign!, score) <= rate ? [reach(attacks!, score)] : [])),
        )
        expect(found!.recall.share).toBeCloseTo(best, 12)
        expect(found!.falsePositives.share).toBeLessThanOrEqual(rate)
        expect(reach(attacks!, found!.threshold)).toBeCloseTo(best, 12)
      }),
    )
  })

  it('catches none of few benign texts', () => {
    const scored = [0.1, 0.9].map((score) => ({ isAttack: false, score }))
    const found = recallAtFalsePositiveRate(
      [...scored, { isAttack: true, score: 0.95 }, { isAttack: true, score: 0.9 }],
      0.01,
    )!
    expect([found.threshold, found.recall.count, found.falsePositives.count]).toEqual([0.95, 1, 0])
  })
})

// From statsmodels' proportion_confint(method='wilson').
it.each([
  [0, 10, 0, 0.2775328],
  [10, 10, 0.7224672, 1],
  [3, 10, 0.107789, 0.6032219],
  [50, 1000, 0.0381301, 0.0653144],
])('%i of %i lie between %d and %d', (count, of, low, high) => {
  const share = shareOf(count, of)
  expect(share.low).toBeCloseTo(low, 4)
  expect(share.high).toBeCloseTo(high, 4)
})

it('knows nothing of a share of nothing', () => {
  expect(shareOf(0, 0)).toEqual({ count: 0, of: 0, share: 0, low: 0, high: 1 })
})
