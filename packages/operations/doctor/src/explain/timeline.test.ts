import { describe, expect, it } from 'vitest'
import { burstsOf } from './bursts.ts'
import type { TimelineEntry } from './explanation.ts'
import { timelineOf } from './timeline.ts'

const entry = (file: string, line: number, causeId: string, at?: number): TimelineEntry => ({
  file,
  line,
  causeId,
  text: '',
  ...(at !== undefined && { at }),
})

describe('timelineOf', () => {
  it('orders by time, and puts texts without any behind', () => {
    const order = timelineOf([
      entry('a', 1, 'x', 5),
      entry('a', 2, 'y', 9),
      entry('b', 1, 'z'),
      entry('c', 1, 'w', 7),
    ])
    expect(order.map(({ causeId }) => causeId)).toEqual(['x', 'w', 'y', 'z'])
  })

  it('keeps a line without a time behind the one before it', () => {
    const order = timelineOf([entry('a', 1, 'x', 5), entry('a', 2, 'y'), entry('b', 1, 'z', 6)])
    expect(order.map(({ causeId }) => causeId)).toEqual(['x', 'y', 'z'])
  })

  it('joins what comes again at once', () => {
    expect(
      timelineOf([entry('a', 1, 'x'), entry('a', 2, 'x'), entry('a', 3, 'y'), entry('a', 4, 'x')]),
    ).toEqual([{ ...entry('a', 1, 'x'), times: 2 }, entry('a', 3, 'y'), entry('a', 4, 'x')])
  })
})

describe('burstsOf', () => {
  it('parts what is minutes apart, counted from the last', () => {
    const minute = 60_000
    const at = (minutes: number) => ({ text: 0, line: 0, at: minutes * minute })
    expect(burstsOf([at(0), at(5), at(30), at(100)])).toEqual([-2, -2, -1, 0])
  })

  it('parts by lines where there are no times, each text by itself', () => {
    expect(
      burstsOf([
        { text: 0, line: 1 },
        { text: 0, line: 500 },
        { text: 1, line: 3 },
      ]),
    ).toEqual([-1, 0, 0])
  })
})
