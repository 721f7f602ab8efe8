/** The privacy cost of a ledger, by the chosen accountant. */

import { privacyTargetInvalid } from './errors.ts'
import { composedMu, epsilonOfMu } from './gdp.ts'
import { kindsOfSteps, type Ledger, type LedgerEntry } from './ledger.ts'
import { composedEpsilon, usualEpsilonError } from './prv/prv.ts'
import { composedDivergences, epsilonOfDivergences } from './rdp.ts'

/** `prv`: a tight upper bound. `rdp`: an upper bound that is quicker and looser. `gdp`: an approximation, which may be too low. */
export type Accountant = (typeof accountants)[number]

/**
 * The accountants there are, the tightest first: numerical (PRV), Rényi (RDP), Gaussian (GDP, which is only a guess).
 *
 * @example
 * ```ts
 * import { accountants } from '@hadal/privacy'
 *
 * accountants // → [ 'prv', 'rdp', 'gdp' ]
 * ```
 */
export const accountants = ['prv', 'rdp', 'gdp'] as const

export interface AccountedEpsilon {
  /** Infinity where nothing is protected. */
  readonly epsilon: number
  /** The accountant of the result: `rdp` when `prv` was requested and has no bound, or a looser one. */
  readonly accountant: Accountant
  /** What kind of number it is, and why it is not from the requested accountant. */
  readonly reason: string
}

/**
 * The epsilon for which all steps together are (epsilon, delta)-differentially private, where neighbouring data sets differ by one
 * added sample. Infinity without protection, 0 for no steps.
 *
 * @param accountant default 'prv'; takes tens of milliseconds for thousands of steps, about a second for millions
 * @throws `privacy_ledger_invalid`, `privacy_target_invalid`
 *
 * @example
 * ```ts
 * import { epsilonOf } from '@hadal/privacy'
 *
 * epsilonOf({ noiseMultiplier: 1, sampleRate: 0.01, steps: 1_000 }, 1e-5).toFixed(2) // → '1.84'
 * ```
 */
export function epsilonOf(of: Ledger | LedgerEntry, delta: number, accountant: Accountant = 'prv'): number {
  return accountedEpsilon(of, delta, accountant).epsilon
}

/**
 * `epsilonOf`, with the kind of bound.
 *
 * @example
 * ```ts
 * import { accountedEpsilon } from '@hadal/privacy'
 *
 * const run = { noiseMultiplier: 1, sampleRate: 0.01, steps: 1_000 }
 * const { epsilon, accountant } = accountedEpsilon(run, 1e-5) // delta
 * accountant // → 'prv'
 * epsilon.toFixed(2) // → '1.84'
 * ```
 */
export function accountedEpsilon(
  of: Ledger | LedgerEntry,
  delta: number,
  accountant: Accountant = 'prv',
): AccountedEpsilon {
  checkDelta(delta)
  checkAccountant(accountant)
  const kinds = kindsOfSteps(of)
  if (kinds.length === 0) return { epsilon: 0, accountant, reason: 'no step was made' }
  if (accountant === 'gdp') {
    const reason = 'an approximation for many small steps (central limit theorem), not a bound'
    return { epsilon: epsilonOfMu(composedMu(kinds), delta), accountant, reason }
  }
  const composed = accountant === 'prv' ? composedEpsilon(kinds, delta) : undefined
  if (typeof composed === 'object' && composed.epsilonError <= usualEpsilonError) {
    return { epsilon: composed.epsilon, accountant, reason: boundReason(composed.epsilonError) }
  }
  const bound = epsilonOfDivergences(composedDivergences(kinds), delta)
  if (bound === Number.POSITIVE_INFINITY) {
    return { epsilon: bound, accountant: 'rdp', reason: 'so little noise protects nothing' }
  }
  if (typeof composed === 'object') {
    if (composed.epsilon <= bound) {
      return { epsilon: composed.epsilon, accountant, reason: boundReason(composed.epsilonError) }
    }
    const reason = `an upper bound; that of prv, with an error of ${composed.epsilonError.toPrecision(2)} for so many steps, is looser`
    return { epsilon: bound, accountant: 'rdp', reason }
  }
  const reason = composed === undefined ? 'an upper bound' : `an upper bound; prv has none: ${composed}`
  return { epsilon: bound, accountant: 'rdp', reason }
}

const boundReason = (error: number): string => `an upper bound; its error of ${error.toPrecision(2)} is in it`

/** @throws `privacy_target_invalid` */
export function checkEpsilon(epsilon: number): void {
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw privacyTargetInvalid('epsilon', epsilon, 'a number above 0')
  }
}

function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw privacyTargetInvalid('delta', delta, 'a number between 0 and 1')
}

function checkAccountant(accountant: Accountant): void {
  if (!accountants.includes(accountant)) {
    throw privacyTargetInvalid('accountant', accountant, `one of ${accountants.join(', ')}`)
  }
}
