import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planMoves } from './plan-moves.ts'

describe('planMoves', () => {
  it('fills free places from the longest line, its first ones first', () => {
    const lines = [
      { of: 'a', free: 0, waiting: ['a1', 'a2', 'a3'] },
      { of: 'b', free: 0, waiting: ['b1'] },
      { of: 'c', free: 3, waiting: [] },
    ]
    expect(planMoves(lines)).toEqual([
      { item: 'a1', to: 'c' },
      { item: 'a2', to: 'c' },
      { item: 'a3', to: 'c' },
    ])
  })

  it('moves each at most once, to one that has no line, as long as there are both places and people', () => {
    const line = fc.record({ free: fc.integer({ min: -3, max: 5 }), waiting: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (given) => {
        const lines = given.map(({ free, waiting }, of) => ({
          of,
          free,
          waiting: Array.from({ length: waiting }, (_, at) => `${of}/${at}`),
        }))
        const moves = planMoves(lines)
        const open = lines.filter(({ waiting }) => waiting.length === 0)
        const places = open.reduce((sum, { free }) => sum + Math.max(0, free), 0)
        const waiting = lines.reduce((sum, { waiting }) => sum + waiting.length, 0)
        expect(new Set(moves.map(({ item }) => item)).size).toBe(moves.length)
        expect(moves.length).toBe(Math.min(places, waiting))
        for (const { of, free } of lines) {
          const came = moves.filter(({ to }) => to === of).length
          expect(came).toBeLessThanOrEqual(Math.max(0, free))
          if (came > 0) expect(open.map((each) => each.of)).toContain(of)
        }
      }),
    )
  })
})
