import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitCosts } from './fit-costs.ts'
import { searchKnobs } from './search-knobs.ts'

describe('searchKnobs', () => {
  const space = { size: [1, 2, 4, 8, 16], wait: [0, 10, 20] }

  it('finds the top of a hill', () => {
    const [best] = searchKnobs({
      space,
      start: { size: 1, wait: 20 },
      score: ({ size, wait }) => 100 - (size - 8) ** 2 - wait,
    })
    expect(best).toEqual({ knobs: { size: 8, wait: 0 }, score: 100 })
  })

  it('stays where nothing is clearly better', () => {
    const [best] = searchKnobs({ space, start: { size: 2, wait: 10 }, score: ({ size }) => 100 + size / 10 })
    expect(best!.knobs).toEqual({ size: 2, wait: 10 })
  })

  it('skips infeasible settings, and returns the others, best first', () => {
    const tried = searchKnobs({
      space,
      start: { size: 1, wait: 0 },
      score: ({ size, wait }) => (size > 4 ? undefined : size * (wait + 1)),
    })
    expect(tried[0]!.knobs).toEqual({ size: 4, wait: 20 })
    expect(tried.every(({ knobs }) => knobs.size <= 4)).toBe(true)
    expect(tried.map(({ score }) => score)).toEqual(tried.map(({ score }) => score).sort((a, b) => b - a))
  })

  it('turns a knob again once others have changed', () => {
    const [best] = searchKnobs({
      space,
      start: { size: 1, wait: 0 },
      // Either is worth little without the other.
      score: ({ size, wait }) => 100 + size * (wait >= 10 ? 10 : -1) + wait * (size >= 4 ? 2 : 1),
    })
    expect(best!.knobs).toEqual({ size: 16, wait: 20 })
  })

  it('returns everything it tried, each once', () => {
    const scored: number[] = []
    const tried = searchKnobs({
      space,
      start: { size: 1, wait: 20 },
      score: ({ size, wait }) => {
        scored.push(100 - (size - 8) ** 2 - wait)
        return scored.at(-1)
      },
    })
    expect(tried.map(({ score }) => score)).toEqual(scored.toSorted((a, b) => b - a))
  })

  it('starts from nothing where the start cannot be', () => {
    const score = ({ size }: { size: number }): number | undefined => (size === 1 ? undefined : size / 100)
    expect(searchKnobs({ space, start: { size: 1, wait: 0 }, score })[0]!.knobs.size).toBe(16)
  })

  it('never ends worse than where it began', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 15, maxLength: 15 }), (scores) => {
        const score = ({ size, wait }: { size: number; wait: number }): number =>
          scores[space.size.indexOf(size) * 3 + space.wait.indexOf(wait)]!
        const start = { size: 4, wait: 10 }
        expect(searchKnobs({ space, start, score })[0]!.score).toBeGreaterThanOrEqual(score(start))
      }),
    )
  })
})

describe('fitCosts', () => {
  const works = Array.from({ length: 120 }, (_, index) => ({
    decodeTokens: index % 9,
    prefillTokens: (index % 4) * 40,
    attendedTokens: (index % 13) * 300,
  }))
  const cost = ({ decodeTokens, prefillTokens, attendedTokens }: (typeof works)[number]): number =>
    5 + 3 * decodeTokens + 0.8 * prefillTokens + 0.001 * attendedTokens

  it('finds what steps cost, whatever the order they were made in', () => {
    const steps = works.map((work) => ({ ...work, millis: cost(work) })).sort((a, b) => a.millis - b.millis)
    const fitted = fitCosts(steps)!
    expect(fitted.perStep).toBeCloseTo(5, 1)
    expect(fitted.perDecodeToken).toBeCloseTo(3, 1)
    expect(fitted.perPrefillToken).toBeCloseTo(0.8, 2)
    expect(fitted.perAttendedToken).toBeCloseTo(0.001, 4)
    expect(fitted.medianError).toBeLessThan(0.01)
  })

  it('is not led astray by steps that others on the machine held up', () => {
    const steps = works.map((work, index) => ({ ...work, millis: cost(work) * (index % 8 === 3 ? 3 : 1) }))
    const fitted = fitCosts(steps)!
    expect(fitted.perDecodeToken).toBeGreaterThan(2.5)
    expect(fitted.perDecodeToken).toBeLessThan(3.5)
    expect(fitted.medianError).toBeLessThan(0.1)
  })

  it('says nothing of a few', () => {
    expect(fitCosts(works.slice(0, 3).map((work) => ({ ...work, millis: 1 })))).toBeUndefined()
  })
})
