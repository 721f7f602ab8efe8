import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyLimits } from './key-limits.ts'

describe('KeyLimits', () => {
  it('lets others do as they like', () => {
    const limits = new KeyLimits({ a: { concurrency: 1 } })
    expect([limits.enter('a', 9, 0), limits.enter('a', 9, 0), limits.enter('b', 9, 0)]).toEqual([
      true,
      false,
      true,
    ])
    limits.leave('a', 0)
    expect(limits.enter('a', 9, 0)).toBe(true)
  })

  it('gives back what was not used', () => {
    const limits = new KeyLimits({ a: { tokensPerMinute: 100 } })
    expect([limits.enter('a', 80, 0), limits.enter('a', 80, 0)]).toEqual([true, false])
    limits.leave('a', 80)
    expect(limits.enter('a', 80, 0)).toBe(true)
  })

  it('lets in what is more than a minute has, once the bucket is full, and has it paid back', () => {
    const limits = new KeyLimits({ a: { tokensPerMinute: 100 } })
    expect(limits.enter('a', 300, 0)).toBe(true)
    expect([119_000, 120_600, 180_000].map((now) => limits.enter('a', 1, now))).toEqual([false, true, true])
  })

  it('holds over any time: what a minute has, and what is filled in meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.nat(4000), tokens: fc.integer({ min: 1, max: 50 }) }), {
          maxLength: 200,
        }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 50, max: 500 }),
        (requested, requestsPerMinute, tokensPerMinute) => {
          const limits = new KeyLimits({ a: { requestsPerMinute, tokensPerMinute } })
          const entered: { now: number; tokens: number }[] = []
          let now = 0
          for (const { gap, tokens } of requested) {
            now += gap
            if (limits.enter('a', tokens, now)) entered.push({ now, tokens })
          }
          for (const [at, { now: from }] of entered.entries()) {
            let tokens = 0
            for (const [count, each] of entered.slice(at).entries()) {
              tokens += each.tokens
              const minutes = 1 + (each.now - from) / 60_000
              expect(count + 1).toBeLessThanOrEqual(requestsPerMinute * minutes + 1e-6)
              expect(tokens).toBeLessThanOrEqual(tokensPerMinute * minutes + 1e-6)
            }
          }
        },
      ),
    )
  })
})
