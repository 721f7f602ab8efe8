import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCalls } from './decode-calls.ts'

/** Slots are the keys, in reverse. */
const slotOf = (key: number): number => 100 - key
const plan = (decodes: number, lengths: readonly number[]) => ({
  decodes: Array.from({ length: decodes }, (_, key) => key),
  prefills: lengths.map((tokens, at) => ({ id: decodes + at, tokens })),
})

/** The number of rows per sequence of each piece that llama.cpp computes a call in; slots without gaps. */
function pieces(lengths: readonly number[]): number[] {
  const shortest = Math.min(...lengths)
  const longer = lengths.filter((length) => length > shortest).map((length) => length - shortest)
  return [shortest, ...(longer.length > 0 ? pieces(longer) : [])]
}

describe('decodeCalls', () => {
  it('makes one call, by slot, when company does not matter', () => {
    expect(decodeCalls(plan(2, [5, 6]), slotOf, false)).toEqual([
      [
        { key: 3, count: 6 },
        { key: 2, count: 5 },
        { key: 1, count: 1 },
        { key: 0, count: 1 },
      ],
    ])
  })

  it('keeps single rows apart from chunks', () => {
    expect(decodeCalls(plan(1, [8, 1, 8]), slotOf, true)).toEqual([
      [
        { key: 2, count: 1 },
        { key: 0, count: 1 },
      ],
      [
        { key: 3, count: 8 },
        { key: 1, count: 8 },
      ],
    ])
    expect(decodeCalls(plan(0, [8]), slotOf, true)).toHaveLength(1)
  })

  it('leaves no row of a chunk alone, loses none, and needs few calls', () => {
    const length = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(fc.nat(4), fc.array(length, { maxLength: 8 }), (decodes, lengths) => {
        const calls = decodeCalls(plan(decodes, lengths), slotOf, true)
        const all = calls.flat().sort((a, b) => a.key - b.key)
        expect(all.map((work) => work.count)).toEqual([...new Array(decodes).fill(1), ...lengths])
        for (const call of calls) {
          const counts = call.map((work) => work.count)
          if (Math.max(...counts) > 1) expect(pieces(counts)).not.toContain(1)
        }
        expect(calls.length).toBeLessThanOrEqual(3)
      }),
    )
  })
})
