import { describe, expect, it } from 'vitest'
import { goneInMillis, lineAfter } from './line-of-requests.ts'

describe('a line of requests', () => {
  it('shrinks by what two measurements say, and says nothing from one', () => {
    const first = lineAfter({}, { at: 0, value: 100 }, 60_000)
    expect(goneInMillis(first)).toBe(Number.POSITIVE_INFINITY)
    const next = lineAfter(first, { at: 10_000, value: 80 }, 60_000)
    expect(next).toEqual({ waiting: 80, waitingAt: 10_000, waitingDrain: 2 })
    expect(goneInMillis(next)).toBe(40_000)
  })

  it('that is looked at twice between two measurements goes on as it did', () => {
    const line = { waiting: 80, waitingAt: 10_000, waitingDrain: 2 }
    expect(lineAfter(line, { at: 10_400, value: 80 }, 60_000)).toBe(line)
  })

  it('that grows is never gone, nor is one of which nothing is known for long, or whose clock was set back', () => {
    const line = { waiting: 80, waitingAt: 100_000, waitingDrain: 2 }
    for (const next of [
      { at: 110_000, value: 81 },
      { at: 900_000, value: 1 },
      { at: 50_000, value: 1 },
    ])
      expect(goneInMillis(lineAfter(line, next, 60_000))).toBe(Number.POSITIVE_INFINITY)
    expect(lineAfter(line, { missing: 'gone' }, 60_000)).toStrictEqual({})
    expect(lineAfter(line, undefined, 60_000)).toStrictEqual({})
  })

  it('of which an older measurement comes late, or nothing was known before, has no drain yet', () => {
    expect(lineAfter({ waiting: 80, waitingAt: 100_000 }, { at: 90_000, value: 90 }, 60_000)).toEqual({
      waiting: 90,
      waitingAt: 90_000,
    })
    expect(lineAfter({}, { at: 90_000, value: 90 }, 60_000)).toEqual({ waiting: 90, waitingAt: 90_000 })
  })

  it('that shrinks slowly is gone in the end', () => {
    expect(goneInMillis({ waiting: 10, waitingDrain: 0.5 })).toBe(20_000)
  })
})
