import fc from 'fast-check'
import { expect, it } from 'vitest'
import { boundedLimits } from './bounded-limits.ts'

const most = { maxBatchSize: 8, maxBatchTokens: 512, maxPrefillTokensWhileDecoding: 128, timeoutMicros: 0 }

it('leaves what is within bounds', () => {
  const wanted = { ...most, maxBatchSize: 4, maxPrefillTokensWhileDecoding: 256, timeoutMicros: 5000 }
  expect(boundedLimits(wanted, most)).toEqual(wanted)
})

it('gives limits that an engine can work with, whatever is wanted', () => {
  const number = fc.double({ noNaN: true, min: -1e9, max: 1e9 })
  fc.assert(
    fc.property(number, number, number, number, (size, tokens, beside, timeout) => {
      const wanted = {
        maxBatchSize: size,
        maxBatchTokens: tokens,
        maxPrefillTokensWhileDecoding: beside,
        timeoutMicros: timeout,
      }
      const bounded = boundedLimits(wanted, most)
      for (const value of Object.values(bounded)) expect(Number.isInteger(value)).toBe(true)
      expect(bounded.maxBatchSize).toBeGreaterThanOrEqual(1)
      expect(bounded.maxBatchSize).toBeLessThanOrEqual(most.maxBatchSize)
      expect(bounded.maxBatchTokens).toBeGreaterThanOrEqual(most.maxBatchSize)
      expect(bounded.maxBatchTokens).toBeLessThanOrEqual(most.maxBatchTokens)
      expect(bounded.maxPrefillTokensWhileDecoding).toBeGreaterThanOrEqual(1)
      expect(bounded.timeoutMicros).toBeGreaterThanOrEqual(0)
      expect(boundedLimits(bounded, most)).toEqual(bounded)
    }),
  )
})
