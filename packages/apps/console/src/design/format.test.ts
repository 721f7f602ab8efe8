import { afterEach, describe, expect, it } from 'vitest'
import { language } from '../messages/language.ts'
import { formatBytes, formatCount, formatMillis, formatPercent, formatTime } from './format.ts'

describe('numbers with their units', () => {
  afterEach(() => language.set('en'))

  it('say durations as fine as they are', () => {
    const said = [0, 0.83, 45.04, 999.4, 999.6, 2345, 59_960, 61_000, 119_700, 3_599_600, 11_520_000]
    expect(said.map(formatMillis)).toEqual([
      '0 ms',
      '0.83 ms',
      '45 ms',
      '999 ms',
      '1 s',
      '2.35 s',
      '1 min 0 s',
      '1 min 1 s',
      '2 min 0 s',
      '1 h 0 min',
      '3 h 12 min',
    ])
  })

  it('say counts, shares and sizes', () => {
    expect([3, Math.PI, 12_345.6, 0].map(formatCount)).toEqual(['3', '3.14', '12,346', '0'])
    expect([0, 0.714, 1].map(formatPercent)).toEqual(['0%', '71.4%', '100%'])
    expect([0, 512, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '5 GiB'])
  })

  it('say a dash for what is no number', () => {
    for (const format of [formatMillis, formatCount, formatPercent, formatBytes])
      expect([undefined, null, Number.NaN, Number.POSITIVE_INFINITY].map(format)).toEqual([
        '–',
        '–',
        '–',
        '–',
      ])
  })

  it('say a moment of today by its time, and another by its date, in the language of the page', () => {
    const now = new Date()
    now.setHours(9, 5, 3)
    expect(formatTime(now.getTime())).toBe('09:05:03')
    const other = new Date(2020, 1, 3, 9, 5, 3).getTime()
    expect(formatTime(other)).toBe('3 Feb, 09:05:03')
    language.set('zh')
    expect(formatTime(other)).toBe('2月3日 09:05:03')
  })
})
