import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatMillis, parseBytes, parseMillis } from './units.ts'

describe('sizes', () => {
  it.each([
    ['512MiB', 512 * 1024 ** 2],
    ['4 gib', 4 * 1024 ** 3],
    ['1.5kB', 1500],
    ['7B', 7],
  ])('%s', (text, bytes) => expect(parseBytes(text)).toBe(bytes))

  it.each(['', '12', 'GiB', '-1MB', '1 parsec', '1e3kB', 'constructor', '1constructor'])(
    'refuses %j',
    (text) => {
      expect(() => parseBytes(text)).toThrow(expect.objectContaining({ code: 'invalid_unit' }))
    },
  )

  it('prints what it can read back to within rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        const back = parseBytes(formatBytes(bytes))
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.05))
      }),
    )
  })
})

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['100us', 0.1],
    ['2h', 7_200_000],
  ])('%s', (text, millis) => expect(parseMillis(text)).toBe(millis))

  it.each([
    [0.25, '0.3 ms'],
    [812, '812 ms'],
    [4200, '4.2 s'],
    [93_000, '1m 33s'],
    [3_720_000, '1h 2m'],
  ])('%d ms prints as %s', (millis, text) => expect(formatMillis(millis)).toBe(text))
})

it.each([
  [999, '999'],
  [1500, '1.5k'],
  [12_345_678, '12.3M'],
  [135_000_000, '135M'],
  [671e9, '671B'],
])('%d counts as %s', (count, text) => expect(formatCount(count)).toBe(text))
