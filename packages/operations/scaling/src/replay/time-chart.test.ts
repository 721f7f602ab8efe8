import { describe, expect, it } from 'vitest'
import { axisMarks } from './time-chart.ts'

describe('an axis', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [6, [0, 2, 4, 6]],
    [8, [0, 2, 4, 6, 8]],
    [9.3, [0, 3, 6, 9, 12]],
    [700, [0, 200, 400, 600, 800]],
  ])('of up to %f things counts them', (most, marks) => {
    expect(axisMarks(most, true)).toEqual(marks)
  })

  it('of what is measured is cut in four', () => {
    expect(axisMarks(1.4, false)).toEqual([0, 0.375, 0.75, 1.125, 1.5])
  })
})
