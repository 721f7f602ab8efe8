/**
 * Gaussian differential privacy: many small steps together are nearly one step of the plain Gaussian mechanism.
 *
 * Formulas: mu = q · sqrt(steps · (exp(1 / sigma²) - 1)) for Poisson sampling, by the central limit theorem (Bu et al.,
 * "Deep Learning with Gaussian Differential Privacy", 2020); the mus of different steps add up as squares, and mu gives
 * epsilon by the dual (Dong, Roth, Su, "Gaussian Differential Privacy", 2019). An approximation: it may be too low.
 */

import { bracketRoot } from './bracket-root.ts'
import { logNormalCdf } from './gaussian-tails.ts'
import type { Ledger } from './ledger.ts'
import { logSubtract } from './log-space.ts'

/** The mean of the single Gaussian step equivalent to a ledger; Infinity for negligible noise. */
export function composedMu(kinds: Ledger): number {
  return Math.sqrt(
    kinds.reduce(
      (sum, { noiseMultiplier, sampleRate, steps }) =>
        sum + sampleRate ** 2 * steps * Math.expm1(noiseMultiplier ** -2),
      0,
    ),
  )
}

/** The smallest epsilon at which a Gaussian step of mean mu is (epsilon, delta)-private. */
export function epsilonOfMu(mu: number, delta: number): number {
  if (!Number.isFinite(mu)) return Number.POSITIVE_INFINITY
  // A square below the smallest double.
  if (mu === 0) return 0
  const excess = (epsilon: number): number => Math.log(delta) - logDeltaOfMu(mu, epsilon)
  if (excess(0) >= 0) return 0
  // Upper bracket: the privacy loss is N(mu² / 2, mu²), and its 1 - delta quantile bounds epsilon.
  let high = mu * mu + mu * 10 + 1
  while (excess(high) <= 0) high *= 2
  return bracketRoot(excess, { low: 0, high }, high * 1e-13).high
}

/** ln of the delta of a Gaussian step: Phi(mu/2 - eps/mu) - exp(eps) · Phi(-mu/2 - eps/mu). */
function logDeltaOfMu(mu: number, epsilon: number): number {
  const kept = logNormalCdf(mu / 2 - epsilon / mu)
  const lost = epsilon + logNormalCdf(-mu / 2 - epsilon / mu)
  return logSubtract(kept, lost)
}
