import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseSegments, type PartCost } from './choose-segments.ts'

const part = fc
  .record({
    recomputed: fc.integer({ min: 1, max: 100 }),
    products: fc.integer({ min: 0, max: 500 }),
    between: fc.integer({ min: 0, max: 500 }),
    extra: fc.integer({ min: 0, max: 300 }),
    lightWork: fc.integer({ min: 1, max: 100 }),
    rest: fc.integer({ min: 1, max: 1000 }),
    divisible: fc.boolean(),
  })
  .map(
    ({ recomputed, products, between, extra, lightWork, rest, divisible }): PartCost => ({
      recomputed,
      light: recomputed + products,
      kept: recomputed + products + between,
      transient: products + between + extra,
      lightWork,
      wholeWork: lightWork + rest,
      divisible,
    }),
  )
const parts = fc.array(part, { minLength: 1, maxLength: 12 })

it('stays within the budget, or holds as little as there is', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 10_000 }), (costs, budget) => {
      const least = chooseSegments(costs, 0)
      const choice = chooseSegments(costs, budget)
      expect(choice.segments).toHaveLength(costs.length)
      expect(choice.bytes <= budget || choice.bytes === least.bytes).toBe(true)
      expect(choice.bytes).toBeGreaterThanOrEqual(least.bytes)
    }),
  )
})

it('never works more with more memory, and not at all with enough', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 10_000 }), fc.nat(3000), (costs, budget, more) => {
      expect(chooseSegments(costs, budget + more).work).toBeLessThanOrEqual(
        chooseSegments(costs, budget).work,
      )
      const all = chooseSegments(costs, Number.POSITIVE_INFINITY)
      expect(all.work).toBe(0)
      expect(all.segments.every(({ mode }) => mode === 'kept')).toBe(true)
    }),
  )
})

it('forgets first what is cheap to compute again, of the first part first, and divides nothing that cannot be', () => {
  const cost: PartCost = {
    kept: 100,
    light: 40,
    recomputed: 10,
    transient: 20,
    lightWork: 10,
    wholeWork: 200,
    divisible: true,
  }
  const solid = { ...cost, divisible: false }
  const modes = (budget: number, costs = [cost, cost, cost]): string[] =>
    chooseSegments(costs, budget).segments.map(({ mode }) => mode)
  expect(modes(300)).toEqual(['kept', 'kept', 'kept'])
  expect(modes(240)).toEqual(['light', 'kept', 'kept'])
  expect(modes(100)).toEqual(['recomputed', 'light', 'light'])
  expect(modes(160, [solid, cost])).toEqual(['kept', 'light'])
  expect(modes(60, [solid, solid])).toEqual(['recomputed', 'recomputed'])
})
