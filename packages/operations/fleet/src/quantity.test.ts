import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWhole, quantityOf } from './quantity.ts'

const billion = 1_000_000_000n

describe('quantityOf', () => {
  test.each<[unknown, bigint]>([
    ['1', billion],
    [2, 2n * billion],
    [0.5, 500_000_000n],
    ['500m', 500_000_000n],
    ['1.5Gi', 1536n * 1024n * 1024n * billion],
    ['2e3', 2000n * billion],
    ['2E3', 2000n * billion],
    ['5E', 5n * 10n ** 18n * billion],
    ['1e-3', 1_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5n * billion],
    ['-1', -billion],
    ['+1k', 1000n * billion],
    ['1n', 1n],
    ['0.1n', 1n],
    ['16Ei', 16n * 1024n ** 6n * billion],
  ])('%j', (text, value) => expect(quantityOf(text)).toBe(value))

  test.each([
    '',
    ' 1',
    '1 Gi',
    '16GB',
    '8Gb',
    '1K',
    '1mi',
    'Gi',
    '.',
    '1.2.3',
    '1e',
    '1,5',
    '0x10',
    true,
    null,
  ])('%j is none', (text) => expect(quantityOf(text)).toBeUndefined())

  test('orders amounts as numbers', () => {
    const amount = fc.record({
      number: fc.integer({ min: 0, max: 5000 }),
      suffix: fc.constantFrom(['m', 1e-3], ['', 1], ['k', 1e3], ['Ki', 1024], ['M', 1e6], [
        'Mi',
        2 ** 20,
      ] as const),
    })
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [x, y] = [a, b].map(({ number, suffix }) => number * (suffix[1] as number)) as [number, number]
        const [p, q] = [a, b].map(({ number, suffix }) => quantityOf(`${number}${suffix[0]}`)!) as [
          bigint,
          bigint,
        ]
        expect(Math.sign(x - y)).toBe(p < q ? -1 : p > q ? 1 : 0)
      }),
    )
  })
})

test('whole ones', () => {
  expect(isWhole(quantityOf('1000m')!)).toBe(true)
  expect(isWhole(quantityOf('500m')!)).toBe(false)
})
