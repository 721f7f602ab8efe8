import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strideUnits, windowsOf, windowUnits } from './windows.ts'

const units = fc.array(fc.constantFrom(1, 2), { maxLength: 400 })

describe('windowsOf', () => {
  it('covers every token, in windows that are full but for the whole of a short text', () => {
    fc.assert(
      fc.property(units, (list) => {
        const pairs = windowsOf(list, list.length)
        const sumOf = (from: number, to: number): number => list.slice(from, to).reduce((a, b) => a + b, 0)
        let covered = 0
        for (let pair = 0; pair < pairs.length; pair += 2) {
          const [from, to] = [pairs[pair]!, pairs[pair + 1]!]
          expect(from).toBeLessThanOrEqual(covered)
          covered = to
          if (pairs.length > 2) expect(sumOf(from, to)).toBeGreaterThan(windowUnits - strideUnits - 3)
          expect(sumOf(from, to)).toBeLessThanOrEqual(windowUnits + 1)
        }
        expect(covered).toBe(list.length)
      }),
    )
  })

  it('makes a window for every 8 words', () => {
    expect(windowsOf(Array(24).fill(2), 24)).toEqual(Int32Array.of(0, 24))
    expect(windowsOf(Array(40).fill(2), 40)).toEqual(Int32Array.of(0, 24, 8, 32, 16, 40))
    expect(windowsOf(Array(10_000).fill(2), 10_000).length / 2).toBeLessThan(1260)
    expect(windowsOf([], 0).length).toBe(0)
  })
})
