import type { RunMetrics } from '@hadal/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align, placesOf, smoothed } from './align.ts'
import { cursorOf, withAnswer } from './curves-of-run.ts'

const answer = (more: Partial<RunMetrics>): RunMetrics => ({
  cursor: 'c:1',
  isWhole: true,
  isReading: false,
  readShare: 1,
  series: [],
  progress: { steps: [], seconds: [], units: [] },
  last: {},
  damagedLines: 0,
  notFinite: 0,
  ...more,
})
const loss = (steps: number[], values: number[]) => [{ name: 'loss', steps, values }]

describe('withAnswer', () => {
  it('appends new points, and starts over when the answer is whole', () => {
    const first = withAnswer(undefined, answer({ series: loss([1, 2], [9, 8]) }))
    const progress = { steps: [3], seconds: [1.5], units: [30] }
    const next = withAnswer(
      first,
      answer({ isWhole: false, cursor: 'c:2', series: loss([3], [7]), progress }),
    )
    expect(next.series.get('loss')).toEqual({ steps: [1, 2, 3], values: [9, 8, 7] })
    expect(next.progress).toEqual(progress)
    expect(cursorOf(next)).toBe('c:2')
    const again = withAnswer(next, answer({ series: loss([1], [5]) }))
    expect(again.series.get('loss')).toEqual({ steps: [1], values: [5] })
  })

  it('asks for all again when a curve has grown long', () => {
    const steps = Array.from({ length: 9001 }, (_, at) => at)
    expect(cursorOf(withAnswer(undefined, answer({ series: loss(steps, steps) })))).toBeUndefined()
    expect(cursorOf(undefined)).toBeUndefined()
  })
})

describe('align', () => {
  it('draws each curve through all of its points, as a straight line between them, and nowhere else', () => {
    const { x, values } = align([
      { x: [1, 3], y: [10, 30] },
      { x: [2, 4], y: [5, 7] },
    ])
    expect(x).toEqual([1, 2, 3, 4])
    expect(values).toEqual([
      [10, 20, 30, null],
      [null, 5, 6, 7],
    ])
  })

  it('keeps every point of any curves', () => {
    const curve = fc
      .uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 50 })
      .map((steps) => steps.sort((a, b) => a - b))
    fc.assert(
      fc.property(fc.array(curve, { minLength: 1, maxLength: 5 }), (curves) => {
        const { x, values } = align(curves.map((steps) => ({ x: steps, y: steps.map((step) => step ** 2) })))
        for (const [at, steps] of curves.entries())
          for (const step of steps) expect(values[at]![x.indexOf(step)]).toBe(step ** 2)
      }),
    )
  })

  it('places steps on time and on what was read, in between too', () => {
    const progress = { steps: [0, 10], seconds: [0, 100], units: [0, 4000] }
    const curve = { steps: [0, 5, 20], values: [1, 2, 3] }
    expect(placesOf(curve, 'step', progress)).toEqual([0, 5, 20])
    expect(placesOf(curve, 'time', progress)).toEqual([0, 50, 100])
    expect(placesOf(curve, 'units', progress)).toEqual([0, 2000, 4000])
  })
})

describe('smoothed', () => {
  it('leaves a flat curve flat from its first value on, and no share leaves values alone', () => {
    expect(smoothed([3, 3, 3], 0.9).map((value) => value.toFixed(6))).toEqual([
      '3.000000',
      '3.000000',
      '3.000000',
    ])
    expect(smoothed([1, 2], 0)).toEqual([1, 2])
    const [, second] = smoothed([0, 1], 0.5)
    expect(second).toBeCloseTo(2 / 3)
  })
})
