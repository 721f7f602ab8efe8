import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fairDues, jainIndex } from './fair-dues.ts'

it('gives what is not wanted to the others, by their weights', () => {
  const claims = [
    { wants: 10, weight: 1 },
    { wants: 1000, weight: 2 },
    { wants: 1000, weight: 1 },
  ]
  expect(fairDues(claims, 100)).toEqual([10, 60, 30])
})

it('is max-min fair: an unsatisfied claim gets no less than any other, by weight', () => {
  const claim = fc.record({ wants: fc.nat(1000), weight: fc.constantFrom(0.5, 1, 3) })
  fc.assert(
    fc.property(fc.array(claim, { minLength: 1, maxLength: 8 }), fc.nat(3000), (claims, total) => {
      const dues = fairDues(claims, total)
      const wanted = claims.reduce((sum, { wants }) => sum + wants, 0)
      expect(dues.reduce((sum, due) => sum + due, 0)).toBeCloseTo(Math.min(wanted, total), 6)
      const most = Math.max(...dues.map((due, at) => due / claims[at]!.weight))
      for (const [at, { wants, weight }] of claims.entries()) {
        expect(dues[at]).toBeLessThanOrEqual(wants)
        if (dues[at]! < wants - 1e-6) expect(dues[at]! / weight).toBeGreaterThanOrEqual(most - 1e-6)
      }
    }),
  )
})

it('is 1 where all are equal, and 1 / n where one has everything', () => {
  expect([jainIndex([3, 3, 3]), jainIndex([5, 0, 0, 0]), jainIndex([])]).toEqual([1, 0.25, 1])
})
