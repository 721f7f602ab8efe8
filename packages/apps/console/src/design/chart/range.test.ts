import { describe, expect, it } from 'vitest'
import { rangeOf } from './range.ts'

const plain = { marks: [], floor: 0, isLogarithmic: false }

describe('from where to where values stand', () => {
  it('is from zero to a little above the highest', () => {
    const [low, high] = rangeOf(40, 100, plain)
    expect(low).toBe(0)
    expect(high).toBeGreaterThan(100)
    expect(high).toBeLessThan(110)
  })

  it('is as the data have it where no floor is wanted, and below the floor where they are', () => {
    expect(rangeOf(40, 100, { ...plain, floor: null })[0]).toBeGreaterThan(30)
    expect(rangeOf(-5, 100, plain)[0]).toBeLessThan(-5)
  })

  it('shows a mark that is near, and does not flatten curves for one that is far', () => {
    expect(rangeOf(0, 300, { ...plain, marks: [{ value: 500 }] })[1]).toBeGreaterThan(500)
    expect(rangeOf(0, 5, { ...plain, marks: [{ value: 500 }] })[1]).toBeLessThan(6)
  })

  it('is of whole decades on a logarithmic axis', () => {
    expect(rangeOf(0.3, 42, { ...plain, isLogarithmic: true })).toEqual([0.1, 100])
    expect(rangeOf(10, 10, { ...plain, isLogarithmic: true })).toEqual([10, 100])
  })

  it('is never empty', () => {
    for (const isLogarithmic of [false, true])
      for (const [low, high] of [
        [null, null],
        [0, 0],
        [7, 7],
      ] as const) {
        const range = rangeOf(low, high, { ...plain, floor: null, isLogarithmic })
        expect(range[1]).toBeGreaterThan(range[0])
      }
  })
})
