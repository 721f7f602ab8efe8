import { describe, expect, it } from 'vitest'
import { costMicros, priceOf } from './price.ts'
import { resetText } from './rate-headers.ts'
import { nextMonth } from './usage-event.ts'

describe('what usage costs', () => {
  const price = { input: 0.15, cachedInput: 0.075, output: 0.6 }
  const usage = (promptTokens: number, cachedTokens: number, completionTokens: number) => ({
    promptTokens,
    cachedTokens,
    completionTokens,
  })

  it('is in whole millionths, rounded up', () => {
    expect(costMicros(price, usage(1_000_000, 0, 0))).toBe(150_000)
    expect(costMicros(price, usage(1_000_000, 1_000_000, 1_000_000))).toBe(675_000)
    expect(costMicros(price, usage(1, 0, 0))).toBe(1)
    expect(costMicros({ input: 2, output: 0 }, usage(10, 10, 5))).toBe(20)
    expect(costMicros(undefined, usage(10, 0, 10))).toBe(0)
    expect(costMicros(price, usage(5, 50, 0))).toBe(costMicros(price, usage(5, 5, 0)))
  })

  it('is of the model by name, or else of the first pattern that fits', () => {
    const prices = { 'q*': price, qwen: { input: 1, output: 1 }, '*': { input: 9, output: 9 } }
    expect(priceOf(prices, 'qwen')).toBe(prices.qwen)
    expect(priceOf(prices, 'qwen3')).toBe(price)
    expect(priceOf(prices, 'other')).toBe(prices['*'])
    expect(priceOf({}, 'toString')).toBeUndefined()
  })
})

it('times until a limit is whole again are written as OpenAI writes them', () => {
  expect([0, 0.2, 999, 1001, 59_999, 60_000, 360_000].map(resetText)).toEqual([
    '0s',
    '1ms',
    '999ms',
    '2s',
    '1m0s',
    '1m0s',
    '6m0s',
  ])
})

it('the next month may be in the next year', () => {
  expect(nextMonth(Date.UTC(2026, 11, 31, 23, 59))).toBe('2027-01-01')
  expect(nextMonth(Date.UTC(2026, 0, 31))).toBe('2026-02-01')
})
