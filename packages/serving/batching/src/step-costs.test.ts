import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StepCosts, type StepWork } from './step-costs.ts'

const work = (decodeTokens: number, prefillTokens = 0, attendedTokens = 0): StepWork => ({
  decodeTokens,
  prefillTokens,
  attendedTokens,
})

const works = fc.array(
  fc.record({
    decodeTokens: fc.integer({ min: 0, max: 32 }),
    prefillTokens: fc.integer({ min: 0, max: 512 }),
    attendedTokens: fc.integer({ min: 0, max: 200_000 }),
  }),
  { minLength: 40, maxLength: 200 },
)

describe('StepCosts', () => {
  it('finds what steps were made of', () => {
    const price = fc.double({ min: 0, max: 10, noNaN: true })
    fc.assert(
      fc.property(works, price, price, price, (steps, perStep, perDecode, perPrefill) => {
        const costs = new StepCosts()
        const truth = (each: StepWork): number =>
          perStep +
          perDecode * each.decodeTokens +
          perPrefill * each.prefillTokens +
          each.attendedTokens * 1e-4
        for (const step of steps) costs.record(step, truth(step))
        for (const step of steps.slice(-10))
          expect(Math.abs(costs.millis(step) - truth(step))).toBeLessThan(1 + 0.1 * truth(step))
      }),
    )
  })

  it('never says that work saves time', () => {
    fc.assert(
      fc.property(
        works,
        fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 40, maxLength: 200 }),
        (steps, times) => {
          const costs = new StepCosts()
          for (const [at, step] of steps.entries()) costs.record(step, times[at % times.length]!)
          for (const value of Object.values(costs.coefficients)) {
            expect(value).toBeGreaterThanOrEqual(0)
            expect(Number.isFinite(value)).toBe(true)
          }
        },
      ),
    )
  })

  it('estimates how many prompt tokens fit alongside decode tokens', () => {
    const costs = new StepCosts()
    for (let at = 0; at < 100; at += 1) {
      const step = work(at % 17, (at % 5) * 64)
      costs.record(step, 5 + 2 * step.decodeTokens + 1.25 * step.prefillTokens)
    }
    expect(costs.prefillTokensWithin(200, work(10), 0)).toBeGreaterThan(120)
    expect(costs.prefillTokensWithin(200, work(10), 0)).toBeLessThanOrEqual(140)
    expect(costs.prefillTokensWithin(20, work(10), 0)).toBe(0)
  })

  /** Steps that alternately take `noise` milliseconds more and less than their work predicts. */
  const noisy = (noise: number): StepCosts => {
    const costs = new StepCosts()
    for (let at = 0; at < 1_000; at += 1) {
      const step = work(at % 17, (at % 5) * 64)
      const sign = Math.floor(at / 85) % 2 === 0 ? 1 : -1
      costs.record(
        step,
        50 + 2 * step.decodeTokens + step.prefillTokens + (at % 2 === 0 ? sign : -sign) * noise,
      )
    }
    return costs
  }

  it('knows how far steps usually are from what was foreseen', () => {
    expect(noisy(0).deviationMillis).toBeLessThan(0.5)
    for (const noise of [5, 10, 20]) {
      expect(noisy(noise).deviationMillis).toBeGreaterThan(0.8 * noise)
      expect(noisy(noise).deviationMillis).toBeLessThan(1.2 * noise)
    }
  })

  it('does not take the deviation of one step for the usual one', () => {
    const costs = noisy(0)
    costs.record(work(8), costs.millis(work(8)) + 100)
    expect(costs.deviationMillis).toBeGreaterThan(3)
    expect(costs.deviationMillis).toBeLessThan(7)
  })

  it('keeps the usual deviation free within the bound of a step', () => {
    for (const noise of [0, 5, 10, 20]) {
      const costs = noisy(noise)
      const tokens = costs.prefillTokensWithin(200, work(10), 0)
      const foreseen = (prefill: number): number => costs.millis(work(10, prefill))
      expect(foreseen(tokens)).toBeLessThanOrEqual(200 - costs.deviationMillis)
      expect(foreseen(tokens + 1)).toBeGreaterThan(200 - costs.deviationMillis)
    }
    expect(noisy(20).prefillTokensWithin(200, work(10), 0)).toBeLessThan(
      noisy(0).prefillTokensWithin(200, work(10), 0) - 15,
    )
  })

  it('admits no whole prompt alongside decode tokens when noise hides the cost per token', () => {
    const costs = new StepCosts()
    // Prompts were measured on an idle machine and decode steps on a busy one.
    for (let at = 0; at < 4; at += 1) costs.record(work(0, 128), 0.6)
    for (let at = 0; at < 40; at += 1) costs.record(work(1), 0.7)
    expect(costs.coefficients.perPrefillToken).toBe(0)
    expect(costs.prefillTokensWithin(1, work(1), 100)).toBeLessThan(8)
    // Each costs as much as a step of one new token.
    expect(costs.prefillTokensWithin(7.5, work(1), 0)).toBeLessThanOrEqual(10)
    expect(costs.prefillTokensWithin(7.5, work(1), 0)).toBeGreaterThan(6)
  })

  it('promises no whole prompt because the only one so far looked nearly free', () => {
    const costs = new StepCosts()
    costs.record(work(0, 8), 0.71)
    for (let at = 0; at < 40; at += 1) costs.record(work(1), 0.7)
    expect(costs.coefficients.perPrefillToken).toBeGreaterThan(0)
    expect(costs.prefillTokensWithin(1, work(1), 0)).toBeLessThan(8)
  })

  it('follows a machine that becomes slower', () => {
    const costs = new StepCosts()
    for (let at = 0; at < 200; at += 1) costs.record(work(8), 20)
    for (let at = 0; at < 600; at += 1) costs.record(work(8), 60)
    expect(costs.millis(work(8))).toBeGreaterThan(50)
  })

  it('ignores a single slow outlier', () => {
    const costs = new StepCosts()
    for (let at = 0; at < 100; at += 1) costs.record(work(1 + (at % 16)), 10 + 2 * (1 + (at % 16)))
    costs.record(work(8), 10_000)
    expect(costs.millis(work(8))).toBeLessThan(40)
  })

  it('knows nothing at first', () => {
    const costs = new StepCosts()
    expect(costs.areKnown).toBe(false)
    expect(costs.millis(work(8))).toBe(0)
    expect(costs.deviationMillis).toBe(0)
  })

  it('counts a prompt token like a new one where no step had any', () => {
    const costs = new StepCosts()
    for (let at = 0; at < 40; at += 1) costs.record(work(4), 8)
    const tokens = costs.prefillTokensWithin(48, work(4), 0)
    expect(tokens).toBeGreaterThanOrEqual(18)
    expect(tokens).toBeLessThanOrEqual(20)
  })
})
