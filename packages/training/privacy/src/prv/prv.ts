/**
 * Epsilon by numerical composition of privacy losses (PRV): tight to a known error, and an upper bound, because that error
 * is added. Gopi, Lee, Wutschitz, "Numerical Composition of Differential Privacy" (2021); as Opacus, with an error of 0.01
 * in epsilon and of delta / 1000 in delta.
 */

import type { Ledger } from '../ledger.ts'
import { composeLosses } from './compose.ts'
import { type Grid, planGrid } from './grid.ts'

export { usualEpsilonError } from './grid.ts'

export interface ComposedEpsilon {
  /** The upper bound; its error is in it. */
  readonly epsilon: number
  readonly epsilonError: number
}

/** The bound, or why this ledger has none of this kind. */
export function composedEpsilon(kinds: Ledger, delta: number): ComposedEpsilon | string {
  const deltaError = delta / 1000
  const grid = planGrid(kinds, deltaError)
  if (typeof grid === 'string') return grid
  // Each cell may be off by the rounding of a double, and all of them the same way.
  if (grid.cells * 2 ** -52 > delta - deltaError)
    return `a delta of ${delta} is lost in the rounding of doubles`
  const epsilon = minEpsilon(kinds, delta - deltaError, grid) + grid.epsilonError
  return { epsilon, epsilonError: grid.epsilonError }
}

/**
 * The smallest epsilon >= 0 with delta(epsilon) = sum over losses t > epsilon of p(t) · (1 - exp(epsilon - t)) at most `delta`:
 * scans down from the largest loss while delta at that loss stays within it.
 */
function minEpsilon(kinds: Ledger, delta: number, { width, half, cells, epsilonError }: Grid): number {
  const { probability, shift } = composeLosses(kinds, { width, half, cells, epsilonError })
  const decay = Math.exp(-width)
  // The first sum of the definition, and the second times exp(t - epsilon): of losses from t on.
  let sum = 0
  let decayed = 0
  for (let k = half + 1; k >= -half; k -= 1) {
    const sumHere = sum + probability(k)
    const decayedHere = decayed * decay + probability(k)
    if (sumHere - decayedHere > delta) {
      return Math.max(0, (k + 1) * width + shift + Math.log((sum - delta) / decayed))
    }
    sum = sumHere
    decayed = decayedHere
  }
  return 0
}
