/**
 * Limits how often a caller may be blocked, or nearly so, because finding a bypass takes attackers a few dozen queries. A leaky bucket per
 * caller, filled by blocked queries; a full one locks the caller out. Time is an argument, in milliseconds of a monotonic clock.
 *
 * Bound: within any time span, a caller's sequential blocked queries that reach the checks are at most `blocked` + 1 + span /
 * `forgetMillis` + `forgiven` per query that passed.
 */

import { failedRule } from '../pipeline/failed-rule.ts'
import type { BudgetPolicy, Policy } from '../policy/policy.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'

export interface BudgetLimits extends Omit<BudgetPolicy, 'forgiveness'> {
  /** Credit for a query that passed, in blocked queries. */
  readonly forgiven: number
}

/**
 * For a policy with a budget. Benign texts are blocked or nearly blocked at the policy's false-positive rate; the credit per query is a
 * multiple of that, so that high volume alone never locks a key out.
 *
 * @internal
 */
export function budgetLimits(policy: Policy): BudgetLimits | undefined {
  const { budget, falsePositiveRate, nearMiss } = policy
  if (budget === false) return undefined
  const { forgiveness, ...limits } = budget
  const benignCost = falsePositiveRate * (1 + limits.nearMissCost * (nearMiss - 1))
  return { ...limits, forgiven: forgiveness * benignCost }
}

interface Account {
  /** In blocked queries, as of `at`. */
  debt: number
  at: number
  lockedUntil: number
}

export interface BudgetNumbers {
  /** Callers with a positive debt. */
  readonly callers: number
  readonly lockedOut: number
  /** Since startup. */
  readonly lockouts: number
}

export interface LockedCaller {
  readonly caller: string
  readonly forMillis: number
}

type Noted = Pick<Verdict, 'action' | 'isNearMiss' | 'findings'>

/**
 * Locks out a caller whose blocked requests look like a search for a bypass.
 *
 * @example
 * ```ts
 * import { createGuard } from '@hadal/guard'
 *
 * const guard = createGuard({ policy: { preset: 'strict' } })
 * const seconds = (guard.budget?.lockedFor('caller-7', Date.now()) ?? 0) / 1_000
 * if (seconds > 0) console.log(`ask again in ${seconds} s`)
 * ```
 */
export class QueryBudget {
  #limits: BudgetLimits
  /** Only of callers with a positive debt. */
  readonly #accounts = new Map<string, Account>()
  #lockouts = 0

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** Existing debts are kept. */
  change(limits: BudgetLimits): void {
    this.#limits = limits
  }

  /** Remaining lockout in milliseconds; 0 if the caller may query. */
  lockedFor(caller: string, now: number): number {
    const account = this.#accounts.get(caller)
    return account === undefined ? 0 : Math.max(0, account.lockedUntil - now)
  }

  /** Records the outcome of a query. */
  note(caller: string, verdict: Noted, now: number): void {
    const { blocked, lockoutMillis, maxCallers, forgiven } = this.#limits
    const cost = this.#costOf(verdict)
    const account = this.#accounts.get(caller) ?? { debt: 0, at: now, lockedUntil: 0 }
    this.#settle(account, now)
    if (cost > 0) {
      account.debt = Math.min(account.debt + cost, blocked + 1)
      if (account.debt >= blocked && account.lockedUntil <= now) {
        account.lockedUntil = now + lockoutMillis
        this.#lockouts += 1
      }
      this.#accounts.set(caller, account)
      if (this.#accounts.size > maxCallers) this.#forgetLeast(now)
      return
    }
    account.debt = Math.max(0, account.debt - forgiven)
    if (isEven(account, now)) this.#accounts.delete(caller)
  }

  /** Clears the caller's debt; true if there was any. */
  unlock(caller: string): boolean {
    return this.#accounts.delete(caller)
  }

  /** Locked-out callers, longest first. */
  locked(now: number): readonly LockedCaller[] {
    return [...this.#accounts]
      .map(([caller, { lockedUntil }]) => ({ caller, forMillis: lockedUntil - now }))
      .filter(({ forMillis }) => forMillis > 0)
      .sort((a, b) => b.forMillis - a.forMillis)
  }

  numbers(now: number): BudgetNumbers {
    let lockedOut = 0
    for (const { lockedUntil } of this.#accounts.values()) if (lockedUntil > now) lockedOut += 1
    return { callers: this.#accounts.size, lockedOut, lockouts: this.#lockouts }
  }

  /** Texts over the length limit and failed checks are not counted as attempts. */
  #costOf({ action, isNearMiss, findings }: Noted): number {
    if (action !== 'block' && action !== 'reply') return isNearMiss ? this.#limits.nearMissCost : 0
    const acted = findings.filter((finding) => finding.action === action)
    const isInnocent = ({ rule, check }: VerdictFinding): boolean => rule === failedRule || check === 'limits'
    return acted.length > 0 && acted.every(isInnocent) ? 0 : 1
  }

  #settle(account: Account, now: number): void {
    const passed = Math.max(0, now - account.at)
    account.debt = Math.max(0, account.debt - passed / this.#limits.forgetMillis)
    account.at = Math.max(account.at, now)
  }

  /**
   * Evicts a tenth at once: first callers without debt, then those with the least debt that are not locked out. To be evicted, an attacker
   * must push as many others further into debt.
   */
  #forgetLeast(now: number): void {
    const spare = Math.floor(this.#limits.maxCallers / 10)
    for (const account of this.#accounts.values()) this.#settle(account, now)
    const byWeight = [...this.#accounts].sort(
      ([, a], [, b]) => Math.max(a.lockedUntil, now) - Math.max(b.lockedUntil, now) || a.debt - b.debt,
    )
    for (const [caller, account] of byWeight) {
      if (this.#accounts.size <= this.#limits.maxCallers - spare && !isEven(account, now)) break
      this.#accounts.delete(caller)
    }
  }
}

function isEven({ debt, lockedUntil }: Account, now: number): boolean {
  return debt === 0 && lockedUntil <= now
}
