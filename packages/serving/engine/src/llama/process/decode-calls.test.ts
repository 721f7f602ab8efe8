import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCalls, type Work, type WorkFacts, worthFilling } from './decode-calls.ts'

const facts = (
  drafts: readonly (readonly number[])[] = [],
  described: readonly number[] = [],
): WorkFacts => ({
  /** The keys in reverse. */
  slotOf: (key) => 100 - key,
  draftOf: (key) => drafts[key] ?? [],
  givesAllLogits: (key) => described.includes(key),
})
const work = (key: number, count: number, draft: readonly number[] = []): Work => ({ key, count, draft })
const plan = (decodes: number, lengths: readonly number[]) => ({
  group: '',
  decodes: Array.from({ length: decodes }, (_, key) => key),
  prefills: lengths.map((tokens, at) => ({ id: decodes + at, tokens })),
})

describe('decodeCalls', () => {
  it('computes together what is equally long, by slot', () => {
    expect(decodeCalls(plan(2, [8, 1, 9, 8]), 64, facts())).toEqual([
      [work(3, 1), work(1, 1), work(0, 1)],
      [work(5, 8), work(2, 8)],
      [work(4, 9)],
    ])
  })

  it('computes guesses with the token that they follow', () => {
    expect(decodeCalls(plan(4, [3]), 64, facts([[7, 8], [], [9], [5, 6]]))).toEqual([
      [work(1, 1)],
      [work(2, 2, [9])],
      [work(4, 3), work(3, 3, [5, 6]), work(0, 3, [7, 8])],
    ])
  })

  it('cuts prompts whose every row gives logits into equal calls of their own', () => {
    expect(decodeCalls(plan(1, [10, 4]), 4, facts([], [1]))).toEqual([
      [work(0, 1)],
      [work(2, 4)],
      [work(1, 3)],
      [work(1, 3)],
      [work(1, 4)],
    ])
  })

  it('loses nothing, and never cuts a chunk', () => {
    const length = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(fc.nat(4), fc.array(length, { maxLength: 8 }), (decodes, lengths) => {
        const calls = decodeCalls(plan(decodes, lengths), 64, facts())
        const all = calls.flat().sort((a, b) => a.key - b.key)
        expect(all.map((work) => work.count)).toEqual([...new Array(decodes).fill(1), ...lengths])
        for (const call of calls) expect(new Set(call.map((work) => work.count)).size).toBe(1)
      }),
    )
  })
})

describe('worthFilling', () => {
  it('fills small gaps between sequences of one row each', () => {
    expect(worthFilling([0, 1, 2, 5, 6])).toEqual([3, 4])
    expect(worthFilling([0, 2, 4, 6])).toEqual([1, 3, 5])
  })

  it('leaves what costs more than it saves: wide gaps, and few rows', () => {
    expect(worthFilling([0, 1, 2, 3, 9, 10])).toEqual([])
    expect(worthFilling([0, 2])).toEqual([])
    expect(worthFilling([0, 5])).toEqual([])
    expect(worthFilling([0, 1, 6])).toEqual([])
    expect(worthFilling([4])).toEqual([])
    expect(worthFilling([])).toEqual([])
  })

  it('never names one that is there, nor one outside', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40)), (numbers) => {
        const slots = numbers.sort((a, b) => a - b)
        const filling = worthFilling(slots)
        expect(new Set([...slots, ...filling]).size).toBe(slots.length + filling.length)
        for (const slot of filling) expect(slot > slots[0]! && slot < slots.at(-1)!).toBe(true)
      }),
    )
  })
})
