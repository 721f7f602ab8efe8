import fc from 'fast-check'
import { expect, it } from 'vitest'
import { promDuration } from './prom-duration.ts'

it('writes durations as Prometheus reads them', () => {
  expect([0, 250, 15_000, 90_000, 5_400_000, 90_061_001].map(promDuration)).toEqual([
    '0s',
    '250ms',
    '15s',
    '1m30s',
    '1h30m',
    '1d1h1m1s1ms',
  ])
})

it('loses nothing of whole milliseconds', () => {
  const sizes: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  fc.assert(
    fc.property(fc.nat(2 ** 31), (millis) => {
      const parts = [...promDuration(millis).matchAll(/(\d+)([a-z]+)/g)]
      expect(parts.reduce((sum, [, count, unit]) => sum + Number(count) * sizes[unit!]!, 0)).toBe(millis)
    }),
  )
})
