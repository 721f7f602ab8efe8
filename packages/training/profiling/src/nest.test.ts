import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnTrace, span } from '../test/drawn-traces.ts'
import { nest } from './nest.ts'
import { traceOf } from './trace.ts'

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

describe('nest', () => {
  it('finds who lies in whom, and gives out all of the time once', () => {
    fc.assert(
      fc.property(drawnTrace, ({ trace, lengths }) => {
        const { parents, selfMicros, depths } = nest(trace)
        trace.spans.forEach((inner, index) => {
          const outer = trace.spans[parents[index]!]
          expect(depths[index]).toBe(outer ? depths[parents[index]!]! + 1 : 0)
          expect(selfMicros[index]!).toBeGreaterThanOrEqual(0)
          if (!outer) return
          expect(outer.lane).toBe(inner.lane)
          expect(outer.startMicros).toBeLessThanOrEqual(inner.startMicros)
          expect(outer.startMicros + outer.durationMicros).toBeGreaterThanOrEqual(
            inner.startMicros + inner.durationMicros,
          )
        })
        for (const [lane, length] of lengths)
          expect(sum(selfMicros.filter((_, index) => trace.spans[index]!.lane === lane))).toBe(length)
      }),
    )
  })

  it('counts a span that ends after the one around it to the end of that', () => {
    const { selfMicros, parents } = nest(
      traceOf([span('operator', 'outer', 0, 10), span('operator', 'late', 6, 8)]),
    )
    expect([...parents]).toEqual([-1, 0])
    expect([...selfMicros]).toEqual([6, 4])
  })
})
