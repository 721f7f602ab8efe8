import type { RunTrace } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import {
  layoutOf,
  matchesOf,
  moved,
  neighbour,
  spanAt,
  spanOf,
  viewOf,
  wholeView,
  zoomed,
} from './flame-layout.ts'

// A step with two passes in it, and one span on another lane.
const trace: RunTrace = {
  durationMicros: 100,
  names: ['step 1', 'forward', 'backward', 'wait'],
  classes: ['step', 'phase', 'wait'],
  lanes: [
    { name: 'main', depth: 2 },
    { name: 'worker', depth: 1 },
  ],
  spans: [
    [0, 1, 2, 3],
    [0, 0, 0, 1],
    [0, 1, 1, 0],
    [0, 1, 1, 2],
    [0, 100, 500, 200],
    [1000, 300, 400, 100],
  ],
  leftOut: 0,
}
const layout = layoutOf(trace)
const whole = wholeView(trace)

describe('a timeline', () => {
  it('gives each lane a row for its name and one for each depth', () => {
    expect(layout).toEqual({ tops: [0, 3], rows: 5 })
    expect(spanOf(trace, 2)).toMatchObject({ name: 'backward', kind: 'phase', start: 500, length: 400 })
  })

  it('finds the span under a pointer, and those that are too short to be hit', () => {
    expect(spanAt(trace, layout, 2, 600, 0)).toBe(2)
    expect(spanAt(trace, layout, 2, 450, 0)).toBeUndefined()
    expect(spanAt(trace, layout, 2, 450, 60)).toBe(2)
    expect(spanAt(trace, layout, 4, 250, 0)).toBe(3)
    expect(spanAt(trace, layout, 0, 250, 0)).toBeUndefined()
  })

  it('goes from span to span', () => {
    expect(neighbour(trace, 0, 'down')).toBe(1)
    expect(neighbour(trace, 1, 'right')).toBe(2)
    expect(neighbour(trace, 2, 'left')).toBe(1)
    expect(neighbour(trace, 2, 'up')).toBe(0)
    expect(neighbour(trace, 0, 'up')).toBeUndefined()
    expect(neighbour(trace, 3, 'right')).toBeUndefined()
  })

  it('zooms and moves within the whole', () => {
    expect(zoomed(whole, 0.5, 0, whole)).toEqual({ from: 0, to: 500 })
    expect(zoomed({ from: 0, to: 500 }, 100, 250, whole)).toEqual(whole)
    expect(moved({ from: 400, to: 600 }, 5000, whole)).toEqual({ from: 800, to: 1000 })
    expect(viewOf(spanOf(trace, 1), whole)).toEqual({ from: 85, to: 415 })
    expect(zoomed(whole, 0, 500, whole).to - zoomed(whole, 0, 500, whole).from).toBe(10)
  })

  it('finds names, whatever their letters', () => {
    expect([...matchesOf(trace, ' WARD')]).toEqual([1, 2])
    expect(matchesOf(trace, ' ').size).toBe(0)
  })
})
