import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composedDivergences, epsilonOfDivergences, renyiDivergence } from './rdp.ts'

describe('Rényi divergence of a subsampled Gaussian step', () => {
  it.each([
    [1.5, 6.5007e-4],
    [2.5, 1.08542e-3],
    [5, 2.18076e-3],
    [50, 2.3846e-2],
    [100, 167.41631],
  ])('at order %d is what Opacus says', (order, expected) => {
    const divergence = 50 * renyiDivergence(2.5, 0.01, order)
    expect(Math.abs(divergence / expected - 1)).toBeLessThan(5e-6)
  })

  it('of a step that takes everybody is the plain Gaussian’s, and nearly so when it takes nearly everybody', () => {
    for (const order of [1.1, 3, 7.3, 40]) {
      expect(renyiDivergence(2, 1, order)).toBeCloseTo(order / 8, 12)
      expect(renyiDivergence(2, 1 - 1e-9, order)).toBeCloseTo(order / 8, 6)
    }
  })

  it('is zero at sample rate 0, and infinite without noise', () => {
    expect(renyiDivergence(2, 0, 3)).toBe(0)
    expect(renyiDivergence(1e-200, 0.5, 3)).toBe(Number.POSITIVE_INFINITY)
  })

  it('lies between those of adjacent integer orders for a fractional order', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 20, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
        fc.integer({ min: 2, max: 10 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (sigma, rate, order, part) => {
          const between = renyiDivergence(sigma, rate, order + part)
          const slack = 1e-9 * (1 + between)
          expect(between).toBeGreaterThanOrEqual(renyiDivergence(sigma, rate, order) - slack)
          expect(between).toBeLessThanOrEqual(renyiDivergence(sigma, rate, order + 1) + slack)
        },
      ),
    )
  })

  it('is no better than an integral of its definition', () => {
    // E over x ~ N(0, sigma²) of (1 - q + q exp((2x - 1) / (2 sigma²)))^order, by the trapezoidal rule.
    for (const [sigma, rate, order] of [
      [0.8, 0.3, 1.7],
      [1.5, 0.04, 6.4],
      [3, 0.7, 2.2],
      [1, 0.01, 12],
    ] as const) {
      const width = sigma / 200
      let sum = 0
      for (let x = -12 * sigma; x < order + 12 * sigma; x += width) {
        const ratio = 1 - rate + rate * Math.exp((2 * x - 1) / (2 * sigma ** 2))
        sum += width * ratio ** order * Math.exp(-(x * x) / (2 * sigma ** 2))
      }
      const expected = Math.log(sum / (sigma * Math.sqrt(2 * Math.PI))) / (order - 1)
      expect(renyiDivergence(sigma, rate, order) / expected).toBeCloseTo(1, 8)
    }
  })
})

describe('epsilon of divergences', () => {
  it('is Opacus’', () => {
    const epsilon = (noiseMultiplier: number, sampleRate: number, steps: number): number =>
      epsilonOfDivergences(composedDivergences([{ noiseMultiplier, sampleRate, steps }]), 1e-5)
    expect(epsilon(1.5, 0.04, 2250)).toBeCloseTo(7.32911117, 8)
    expect(epsilon(1, 0.01, 1000)).toBeCloseTo(2.101365, 6)
    expect(epsilon(2, 0.05, 500)).toBeCloseTo(2.768585, 6)
  })

  it('is infinite where all divergences are', () => {
    const none = composedDivergences([{ noiseMultiplier: 1e-200, sampleRate: 0.1, steps: 3 }])
    expect(epsilonOfDivergences(none, 1e-5)).toBe(Number.POSITIVE_INFINITY)
  })
})
