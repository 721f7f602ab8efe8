import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packLanes } from './pack-lanes.ts'

it('gives a lane again when it is free, and the wished one where it can', () => {
  expect(
    packLanes([
      { from: 0, to: 10 },
      { from: 5, to: 15 },
      { from: 10, to: 20 },
      { from: 12, to: 13, wants: 3 },
      { from: 12, to: 30, wants: 0 },
    ]),
  ).toEqual([0, 1, 0, 3, 2])
})

it('takes a small overlap for none', () => {
  const two = [
    { from: 0, to: 10 },
    { from: 8, to: 20 },
  ]
  expect(packLanes(two)).toEqual([0, 1])
  expect(packLanes(two, 2)).toEqual([0, 0])
})

it('needs as many lanes as overlap at once, and no two share one', () => {
  const interval = fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 20 }))
    .map(([from, length]) => ({ from, to: from + length }))
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
      const lanes = packLanes(intervals)
      for (const [a, one] of intervals.entries())
        for (const [b, other] of intervals.entries())
          if (a < b && lanes[a] === lanes[b]) expect(one.to <= other.from || other.to <= one.from).toBe(true)
      const most = Math.max(
        0,
        ...intervals.map(({ from: at }) => intervals.filter(({ from, to }) => from <= at && at < to).length),
      )
      expect(new Set(lanes).size).toBe(most)
    }),
  )
})
