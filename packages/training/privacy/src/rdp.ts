/**
 * Rényi differential privacy of the Poisson-subsampled Gaussian mechanism, and the epsilon that follows from it.
 *
 * Formulas: Mironov, Talwar, Zhang, "Rényi Differential Privacy of the Sampled Gaussian Mechanism" (2019), section 3.3;
 * the conversion is theorem 21 of Balle et al., "Hypothesis Testing Interpretations and Rényi Differential Privacy" (2020).
 * The orders are those of Opacus, so that its numbers can be compared.
 */

import { logErfc } from './gaussian-tails.ts'
import type { Ledger } from './ledger.ts'
import { logAdd, logSubtract } from './log-space.ts'

/** 1.1 to 10.9 by tenths, then 12 to 63. */
const orders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, index) => (index + 11) / 10),
  ...Array.from({ length: 52 }, (_, index) => index + 12),
]

/** Terms of the series for a fractional order that are smaller than this are left out. */
const smallestLogTerm = -30

/** Less noise than this is none: its square is nothing alongside 1, and divergences are beyond 1e19. */
const minNoise = 1e-10

/** More noise than this hides all: divergences are below 1e-290, and its square is soon beyond a double. */
const maxNoise = 1e150

/**
 * Rényi divergence of one step at an order above 1.
 *
 * @param order alpha > 1, whole or not
 */
export function renyiDivergence(noiseMultiplier: number, sampleRate: number, order: number): number {
  if (sampleRate === 0 || noiseMultiplier > maxNoise) return 0
  if (noiseMultiplier < minNoise) return Number.POSITIVE_INFINITY
  if (sampleRate === 1) return order / (2 * noiseMultiplier ** 2)
  const logMoment = Number.isInteger(order)
    ? logMomentWhole(noiseMultiplier, sampleRate, order)
    : logMomentFractional(noiseMultiplier, sampleRate, order)
  return Math.max(0, logMoment) / (order - 1)
}

/** Divergences of the whole ledger at all orders: those of steps add up. */
export function composedDivergences(kinds: Ledger): Float64Array {
  const sums = new Float64Array(orders.length)
  for (const { noiseMultiplier, sampleRate, steps } of kinds) {
    orders.forEach((order, index) => {
      sums[index]! += steps * renyiDivergence(noiseMultiplier, sampleRate, order)
    })
  }
  return sums
}

/** The smallest epsilon that the divergences imply at `delta`; Infinity if they imply none. */
export function epsilonOfDivergences(divergences: Float64Array, delta: number): number {
  let least = Number.POSITIVE_INFINITY
  orders.forEach((order, index) => {
    const epsilon =
      divergences[index]! - (Math.log(delta) + Math.log(order)) / (order - 1) + Math.log1p(-1 / order)
    if (epsilon < least) least = epsilon
  })
  return Math.max(0, least)
}

/** Whole orders: a binomial sum of moments of the normal distribution. */
function logMomentWhole(sigma: number, rate: number, order: number): number {
  const logRate = Math.log(rate)
  const logRest = Math.log1p(-rate)
  let sum = Number.NEGATIVE_INFINITY
  let logBinomial = 0
  for (let index = 0; index <= order; index += 1) {
    const term = logBinomial + index * logRate + (order - index) * logRest
    sum = logAdd(sum, term + (index * index - index) / (2 * sigma * sigma))
    logBinomial += Math.log((order - index) / (index + 1))
  }
  return sum
}

/** Fractional orders: two binomial series, one for the densities' ratio below where both parts are equal, one for that above. */
function logMomentFractional(sigma: number, rate: number, order: number): number {
  const logRate = Math.log(rate)
  const logRest = Math.log1p(-rate)
  const twiceVariance = 2 * sigma * sigma
  const scale = Math.SQRT1_2 / sigma
  const middle = sigma * sigma * (logRest - logRate) + 0.5
  let below = Number.NEGATIVE_INFINITY
  let above = Number.NEGATIVE_INFINITY
  let logBinomial = 0
  let isPositive = true
  for (let index = 0; ; index += 1) {
    const rest = order - index
    const termBelow =
      logBinomial +
      index * logRate +
      rest * logRest +
      (index * index - index) / twiceVariance +
      logErfc((index - middle) * scale) -
      Math.LN2
    const termAbove =
      logBinomial +
      rest * logRate +
      index * logRest +
      (rest * rest - rest) / twiceVariance +
      logErfc((middle - rest) * scale) -
      Math.LN2
    below = isPositive ? logAdd(below, termBelow) : logSubtract(below, termBelow)
    above = isPositive ? logAdd(above, termAbove) : logSubtract(above, termAbove)
    if (Math.max(termBelow, termAbove) < smallestLogTerm) return logAdd(below, above)
    logBinomial += Math.log(Math.abs(rest) / (index + 1))
    if (rest < 0) isPositive = !isPositive
  }
}
