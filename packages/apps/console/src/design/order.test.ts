import { describe, expect, it } from 'vitest'
import { ordered } from './order.ts'

const columns = [
  { key: 'n', sortBy: (n: number) => n },
  { key: 'name', sortBy: (n: number) => `run ${n}` },
  { key: 'none' },
]

describe('the order of rows', () => {
  it('is as they come where no column, or one that has no order, is named', () => {
    const rows = [3, 1, 2]
    expect(ordered(rows, columns, undefined)).toBe(rows)
    expect(ordered(rows, columns, { key: 'none', isDescending: true })).toBe(rows)
    expect(ordered(rows, columns, { key: 'other', isDescending: true })).toBe(rows)
  })

  it('is by numbers either way, what is no number last', () => {
    expect(ordered([3, Number.NaN, 1, 2], columns, { key: 'n', isDescending: false })).toEqual([
      1,
      2,
      3,
      Number.NaN,
    ])
    expect(ordered([3, Number.NaN, 1, 2], columns, { key: 'n', isDescending: true })).toEqual([
      3,
      2,
      1,
      Number.NaN,
    ])
  })

  it('reads numbers in names as numbers', () => {
    expect(ordered([10, 9, 1], columns, { key: 'name', isDescending: false })).toEqual([1, 9, 10])
  })
})
