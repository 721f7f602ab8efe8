import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bracketRoot } from './bracket-root.ts'

it('finds where a rising function crosses zero, in few looks', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 99.99, noNaN: true }),
      fc.constantFrom<(x: number) => number>(
        (x) => x,
        (x) => x ** 3,
        (x) => Math.sign(x) || 1,
        (x) => Math.expm1(x),
        (x) => (x > 1 ? Number.POSITIVE_INFINITY : x),
      ),
      (root, shape) => {
        let looks = 0
        const valueAt = (x: number): number => {
          looks += 1
          return shape(x - root)
        }
        const { low, high } = bracketRoot(valueAt, { low: 0, high: 100 }, 1e-6)
        expect(high - low).toBeLessThanOrEqual(1e-6 * (1 + 1e-6))
        expect(shape(low - root) <= 0).toBe(true)
        expect(shape(high - root) > 0).toBe(true)
        expect(looks).toBeLessThan(2 * Math.log2(100 / 1e-6))
      },
    ),
  )
})

it('finds whole numbers to the one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999 }), (last) => {
      const valueAt = (x: number): number => {
        expect(Number.isInteger(x)).toBe(true)
        return Math.log((x + 0.5) / (last + 1))
      }
      expect(bracketRoot(valueAt, { low: 0, high: 100_000 }, 1, true)).toEqual({ low: last, high: last + 1 })
    }),
  )
})
