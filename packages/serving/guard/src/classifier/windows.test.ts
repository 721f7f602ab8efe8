import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowSizes, windowsOf } from './windows.ts'

const units = fc.array(fc.constantFrom(1, 2), { maxLength: 400 })

describe('windowsOf', () => {
  it('covers every token with each size of window that is smaller than the text', () => {
    fc.assert(
      fc.property(units, (list) => {
        const pairs = windowsOf(list, list.length)
        const sumOf = (from: number, to: number): number => list.slice(from, to).reduce((a, b) => a + b, 0)
        let [covered, times] = [0, 0]
        for (let pair = 0; pair < pairs.length; pair += 2) {
          const [from, to] = [pairs[pair]!, pairs[pair + 1]!]
          if (from === 0) covered = 0
          expect(from).toBeLessThanOrEqual(covered)
          covered = to
          if (covered === list.length) times += 1
          expect(sumOf(from, to)).toBeLessThanOrEqual(windowSizes[0]! + 1)
        }
        const all = sumOf(0, list.length)
        expect(times).toBe(list.length === 0 ? 0 : all > 25 ? 2 : times)
        if (list.length > 0) expect(times).toBeGreaterThan(0)
      }),
    )
  })

  it('makes a window for every 8 words, and one half as large for every 4', () => {
    expect(windowsOf(Array(12).fill(2), 12)).toEqual(Int32Array.of(0, 12))
    expect(windowsOf(Array(24).fill(2), 24)).toEqual(Int32Array.of(0, 24, 0, 12, 4, 16, 8, 20, 12, 24))
    expect(windowsOf(Array(32).fill(2), 32).slice(0, 6)).toEqual(Int32Array.of(0, 24, 8, 32, 0, 12))
    expect(windowsOf(Array(10_000).fill(2), 10_000).length / 2).toBeLessThan(3760)
    expect(windowsOf([], 0).length).toBe(0)
  })
})
