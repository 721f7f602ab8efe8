/** The number of steps within a budget. */

import { bracketRoot } from './bracket-root.ts'
import { type Accountant, checkEpsilon, epsilonOf } from './epsilon.ts'
import { addSteps, type Ledger } from './ledger.ts'

export interface PrivacyBudget {
  readonly epsilon: number
  readonly delta: number
  readonly sampleRate: number
  readonly noiseMultiplier: number
  /** Budget spent earlier. */
  readonly spent?: Ledger
  readonly accountant?: Accountant
}

/** More steps than any run makes: where a budget lasts longer, it is not looked at more closely. */
const maxSteps = 2 ** 30

/**
 * The maximum number of further steps within epsilon. Infinity if steps are free, or if more are possible than any run needs; 0 if
 * the budget is spent.
 *
 * @throws `privacy_ledger_invalid`, `privacy_target_invalid`
 *
 * @example
 * ```ts
 * import { stepsWithin } from '@hadal/privacy'
 *
 * stepsWithin({ epsilon: 3, delta: 1e-5, sampleRate: 0.01, noiseMultiplier: 1 }) // → 2649
 * ```
 */
export function stepsWithin(budget: PrivacyBudget): number {
  const { epsilon, delta, sampleRate, noiseMultiplier, spent = [], accountant = 'prv' } = budget
  checkEpsilon(epsilon)
  const epsilonAfter = (steps: number): number =>
    epsilonOf(addSteps(spent, { noiseMultiplier, sampleRate, steps }), delta, accountant)
  if (epsilonAfter(1) > epsilon) return 0
  if (sampleRate === 0) return Number.POSITIVE_INFINITY
  let within = 1
  // Near what `prv` allows, by looking at `rdp` alone.
  let beyond =
    accountant === 'prv' ? Math.min(maxSteps, 1 + stepsWithin({ ...budget, accountant: 'rdp' })) : 2
  while (epsilonAfter(beyond) <= epsilon) {
    if (beyond >= maxSteps) return Number.POSITIVE_INFINITY
    within = beyond
    beyond *= 2
  }
  const excess = (steps: number): number => Math.log(epsilonAfter(steps) / epsilon)
  return bracketRoot(excess, { low: within, high: beyond }, 1, true).low
}
