/** What a ledger costs, by the accountant of one's choice. */

import { privacyTargetInvalid } from './errors.ts'
import { composedMu, epsilonOfMu } from './gdp.ts'
import { kindsOfSteps, type Ledger, type LedgerEntry } from './ledger.ts'
import { composedDivergences, epsilonOfDivergences } from './rdp.ts'

/**
 * `prv`: tight, an upper bound. `rdp`: quick, an upper bound, looser. `gdp`: an approximation that may be too low.
 */
export type Accountant = 'prv' | 'rdp' | 'gdp'

/**
 * The epsilon for which all steps together are (epsilon, delta)-differentially private.
 *
 * @throws `privacy_ledger_invalid`, `privacy_target_invalid`
 */
export function epsilonOf(of: Ledger | LedgerEntry, delta: number, accountant: Accountant = 'prv'): number {
  checkDelta(delta)
  const kinds = kindsOfSteps(of)
  if (kinds.length === 0) return 0
  if (accountant === 'gdp') return epsilonOfMu(composedMu(kinds), delta)
  return epsilonOfDivergences(composedDivergences(kinds), delta)
}

export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw privacyTargetInvalid('delta', delta, 'a number between 0 and 1')
}

export function checkEpsilon(epsilon: number): void {
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw privacyTargetInvalid('epsilon', epsilon, 'a number above 0')
  }
}
