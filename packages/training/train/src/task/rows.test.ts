import fc from 'fast-check'
import { expect, it } from 'vitest'
import { evenParts } from './rows.ts'

it('parts follow one another without a gap, none empty, none longer by more than one row', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 64 }), (count, parts) => {
      const ranges = evenParts(count, parts)
      expect(ranges).toHaveLength(Math.min(parts, count))
      expect(ranges[0]![0]).toBe(0)
      expect(ranges.at(-1)![1]).toBe(count)
      ranges.slice(1).forEach(([from], i) => void expect(from).toBe(ranges[i]![1]))
      const sizes = ranges.map(([from, to]) => to - from)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})
