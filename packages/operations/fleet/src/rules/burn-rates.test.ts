import fc from 'fast-check'
import { expect, it } from 'vitest'
import { burnRates, burnThreshold, burnWindows } from './burn-rates.ts'
import { promDuration } from './prom-duration.ts'

it('are those of the SRE workbook for 30 days', () => {
  const rates = burnRates(30)
  expect(rates.map(({ long, short, factor, severity }) => [long, short, factor, severity])).toEqual([
    ['1h', '5m', 14.4, 'page'],
    ['6h', '30m', 6, 'page'],
    ['1d', '2h', 3, 'ticket'],
    ['3d', '6h', 1, 'ticket'],
  ])
  expect(rates.map((rate) => burnThreshold(rate, 0.999))).toEqual([0.0144, 0.006, 0.003, 0.001])
  expect(burnWindows(rates)).toEqual(['5m', '30m', '1h', '2h', '6h', '1d', '3d'])
})

it('follow the window of the promise, and never fire while its budget lasts', () => {
  expect(burnRates(7).map(({ factor }) => factor)).toEqual([3.36, 1.4, 1, 1])
  expect(burnRates(90)[0]?.factor).toBe(43.2)
  // Three days say nothing of a promise over two.
  expect(burnRates(2).map(({ long }) => long)).toEqual(['1h', '6h', '1d'])
})

it('can always fire, however weak the promise', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 90 }),
      fc.double({ min: 0.5, max: 0.99999, noNaN: true }),
      (days, promised) => {
        for (const rate of burnRates(days)) {
          expect(rate.factor).toBeGreaterThanOrEqual(1)
          expect(burnThreshold(rate, promised)).toBeLessThanOrEqual(0.9)
          expect(burnThreshold(rate, promised)).toBeGreaterThan(0)
        }
      },
    ),
  )
})

it.each([
  [300_000, '5m'],
  [90_000, '90s'],
  [86_400_000, '1d'],
  [1500, '1500ms'],
  [0.4, '0s'],
])('%d ms are %s', (millis, said) => expect(promDuration(millis)).toBe(said))
