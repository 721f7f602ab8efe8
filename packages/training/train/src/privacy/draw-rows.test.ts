import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawRows, type RandomWords, secureWords, seededWords } from './draw-rows.ts'

describe('rows', () => {
  it('are drawn with the rate, each by itself', () => {
    const [rows, steps, rate] = [200, 2000, 0.03]
    const times = new Array<number>(rows).fill(0)
    const sizes: number[] = []
    for (let step = 0; step < steps; step += 1) {
      const drawn = drawRows(rows, rate, seededWords(7, step))
      sizes.push(drawn.length)
      for (const row of drawn) times[row]! += 1
    }
    // Both are binomial; six standard deviations.
    const within = (value: number, trials: number): void => {
      const sd = Math.sqrt(trials * rate * (1 - rate))
      expect(Math.abs(value - trials * rate)).toBeLessThan(6 * sd)
    }
    for (const count of times) within(count, steps)
    within(
      sizes.reduce((sum, size) => sum + size, 0),
      rows * steps,
    )
    // A batch of fixed size would have no variance; this one has that of independent draws.
    const mean = rate * rows
    const variance = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / steps
    expect(variance / (mean * (1 - rate))).toBeGreaterThan(0.85)
    expect(variance / (mean * (1 - rate))).toBeLessThan(1.15)
    expect(sizes).toContain(0)
  })

  it('are the same for the same seed and step, and others for others', () => {
    const of = (seed: number, step: number): number[] => drawRows(500, 0.5, seededWords(seed, step))
    expect(of(1, 2)).toEqual(of(1, 2))
    expect(of(1, 3)).not.toEqual(of(1, 2))
    expect(of(2, 2)).not.toEqual(of(1, 2))
  })

  it('are others each time where the system draws', () => {
    expect(drawRows(500, 0.5, secureWords)).not.toEqual(drawRows(500, 0.5, secureWords))
  })

  it('are all of them at a rate of 1, none at 0, and in order without repeats', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, rate) => {
          const drawn = drawRows(count, rate, seededWords(3, 4))
          expect(drawn.every((row, i) => row < count && (i === 0 || row > drawn[i - 1]!))).toBe(true)
          if (rate === 1) expect(drawn).toHaveLength(count)
          if (rate === 0) expect(drawn).toHaveLength(0)
        },
      ),
      {
        numRuns: 50,
        examples: [
          [40_000, 1],
          [40_000, 0],
        ],
      },
    )
  })

  it('are decided to 64 bits when one word is inconclusive', () => {
    const rate = 0.25 + 2 ** -33 // The first word is inconclusive at 2³⁰, and half of those that follow are drawn.
    const fixed = (...given: number[]): RandomWords => {
      let next = 0
      return (words) => {
        for (let i = 0; i < words.length; i += 1) words[i] = given[next++]!
      }
    }
    expect(drawRows(1, rate, fixed(2 ** 30 - 1))).toEqual([0])
    expect(drawRows(1, rate, fixed(2 ** 30, 2 ** 31 - 1))).toEqual([0])
    expect(drawRows(1, rate, fixed(2 ** 30, 2 ** 31))).toEqual([])
    expect(drawRows(1, rate, fixed(2 ** 30 + 1))).toEqual([])
  })
})
