import { hashOf } from '@hadal/batching'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring } from './ring.ts'

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `http://10.0.0.${index}:8000/v1`)
const keys = Array.from({ length: 5000 }, (_, index) => hashOf(`key ${index}`))
const ownerOf = (ring: Ring, key: number): string => [...ring.from(key)][0]!

describe('the ring', () => {
  it('gives every name once for each key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.maxSafeNat(), (count, key) => {
        expect([...new Ring(names(count)).from(key)].sort()).toEqual(names(count).sort())
      }),
      { numRuns: 50 },
    )
  })

  it('moves only the keys of a name that goes, and takes for one that comes only its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), fc.nat(9), (count, which) => {
        const all = names(count)
        const gone = all[which % count]!
        const full = new Ring(all)
        const less = new Ring(all.filter((name) => name !== gone))
        for (const key of keys.slice(0, 500)) {
          const before = ownerOf(full, key)
          const after = ownerOf(less, key)
          if (before !== gone) expect(after).toBe(before)
          // It goes to the next name on the ring, as when the first one is overloaded.
          else expect(after).toBe([...full.from(key)][1])
        }
      }),
      { numRuns: 20 },
    )
  })

  it('shares keys among the names, about evenly', () => {
    const ring = new Ring(names(5))
    const counts = new Map<string, number>()
    for (const key of keys) {
      const owner = ownerOf(ring, key)
      counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    const shares = [...counts.values()].map((count) => (count * 5) / keys.length)
    expect(shares).toHaveLength(5)
    expect(Math.min(...shares)).toBeGreaterThan(0.6)
    expect(Math.max(...shares)).toBeLessThan(1.5)
  })

  it('has no name when there is none', () => {
    expect([...new Ring([]).from(1)]).toEqual([])
  })
})
