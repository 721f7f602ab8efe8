import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstAtLeast, thin } from './thin.ts'

const column = fc.array(fc.option(fc.integer({ min: -1000, max: 1000 })), { minLength: 1, maxLength: 600 })

describe('the points that a chart draws', () => {
  it('are all there are where they are few', () => {
    const points = { x: [1, 2, 3], columns: [[5, null, 7]] }
    expect(thin(points, 100)).toBe(points)
  })

  it('keep the lowest and the highest of all, the first and the last, and their order', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 40 }), (values, pixels) => {
        const x = values.map((_, at) => at * 3)
        const thinned = thin({ x, columns: [values] }, pixels)
        const known = (list: readonly (number | null)[]): number[] => list.filter((one) => one !== null)
        expect(Math.min(...known(thinned.columns[0]!))).toBe(Math.min(...known(values)))
        expect(Math.max(...known(thinned.columns[0]!))).toBe(Math.max(...known(values)))
        expect([thinned.x[0], thinned.x.at(-1)]).toEqual([x[0], x.at(-1)])
        expect(thinned.x).toEqual([...thinned.x].sort((a, b) => a - b))
        for (const [at, place] of thinned.x.entries()) expect(thinned.columns[0]![at]).toBe(values[place / 3])
      }),
    )
  })

  it('are no more than the pixels can show, however many there are', () => {
    const x = Array.from({ length: 100_000 }, (_, at) => at)
    const columns = [0, 1, 2].map((by) => x.map((at) => Math.sin(at * (by + 1))))
    const { x: kept } = thin({ x, columns }, 500)
    expect(kept.length).toBeLessThanOrEqual(501 * 3 * 2 + 2)
    expect(kept.length).toBeGreaterThan(1000)
  })

  it('keep a gap that is narrower than a pixel', () => {
    const x = Array.from({ length: 10_000 }, (_, at) => at)
    const values = x.map((at) => (at === 5003 ? null : 1))
    expect(thin({ x, columns: [values] }, 100).columns[0]).toContain(null)
  })

  it('of a range go one beyond at each side, so that lines go on', () => {
    const x = [0, 10, 20, 30, 40, 50]
    expect(thin({ x, columns: [x] }, 100, [18, 32]).x).toEqual([10, 20, 30, 40, 50])
    expect(thin({ x, columns: [x] }, 100, [20, 30]).x).toEqual([10, 20, 30, 40])
    expect(thin({ x, columns: [x] }, 100, [60, 70]).x).toEqual([50])
  })

  it('may be none', () => {
    expect(thin({ x: [], columns: [[]] }, 100).x).toEqual([])
    expect(firstAtLeast([], 3)).toBe(0)
  })
})
