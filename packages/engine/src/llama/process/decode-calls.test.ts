import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCalls } from './decode-calls.ts'

/** Slots are the keys, in reverse. */
const slotOf = (key: number): number => 100 - key
const plan = (decodes: number, lengths: readonly number[]) => ({
  group: '',
  decodes: Array.from({ length: decodes }, (_, key) => key),
  prefills: lengths.map((tokens, at) => ({ id: decodes + at, tokens })),
})

describe('decodeCalls', () => {
  it('computes together what is equally long, by slot', () => {
    expect(decodeCalls(plan(2, [8, 1, 9, 8]), slotOf)).toEqual([
      [
        { key: 3, count: 1 },
        { key: 1, count: 1 },
        { key: 0, count: 1 },
      ],
      [
        { key: 5, count: 8 },
        { key: 2, count: 8 },
      ],
      [{ key: 4, count: 9 }],
    ])
  })

  it('loses nothing, and never cuts a chunk', () => {
    const length = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(fc.nat(4), fc.array(length, { maxLength: 8 }), (decodes, lengths) => {
        const calls = decodeCalls(plan(decodes, lengths), slotOf)
        const all = calls.flat().sort((a, b) => a.key - b.key)
        expect(all.map((work) => work.count)).toEqual([...new Array(decodes).fill(1), ...lengths])
        for (const call of calls) expect(new Set(call.map((work) => work.count)).size).toBe(1)
      }),
    )
  })
})
