/**
 * How often a caller may be blocked, or nearly: finding a way past a guard takes attackers a few dozen tries, and this is what
 * those cost. A bucket for each caller that blocked queries fill and time empties; a full one locks the caller out. Time is an
 * argument, in milliseconds of a monotonic clock. Knows nothing of requests.
 *
 * The law: within any span of time, the blocked queries that a caller got through to the checks one after another are at most
 * `blocked` + 1 + span / `forgetMillis` + `forgiven` for each query that was let through.
 */

import { failedRule } from '../pipeline/failed-rule.ts'
import type { BudgetPolicy, Policy } from '../policy/policy.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'

export interface BudgetLimits extends Omit<BudgetPolicy, 'forgiveness'> {
  /** What a query that was let through makes up for, in blocked queries. */
  readonly forgiven: number
}

/**
 * Of a policy that has a budget. Benign texts are blocked, or nearly, as often as the policy's rate says; what is forgiven for
 * each query is a multiple of that, so that nobody is locked out for asking much.
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
  /** In blocked queries, when `at` was. */
  debt: number
  at: number
  lockedUntil: number
}

export interface BudgetNumbers {
  /** Callers that anything is held against. */
  readonly callers: number
  readonly lockedOut: number
  /** Since the start. */
  readonly lockouts: number
}

export interface LockedCaller {
  readonly caller: string
  readonly forMillis: number
}

type Noted = Pick<Verdict, 'action' | 'isNearMiss' | 'findings'>

/**
 * Locks out a caller whose refused requests look like a search for a way past the guard.
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
  /** Only of callers who owe something. */
  readonly #accounts = new Map<string, Account>()
  #lockouts = 0

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** What is held against callers stays. */
  change(limits: BudgetLimits): void {
    this.#limits = limits
  }

  /** 0 where the caller may ask; else for so many milliseconds not. */
  lockedFor(caller: string, now: number): number {
    const account = this.#accounts.get(caller)
    return account === undefined ? 0 : Math.max(0, account.lockedUntil - now)
  }

  /** What became of a query. */
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

  /** Whether anything was held against the caller, which is forgotten. */
  unlock(caller: string): boolean {
    return this.#accounts.delete(caller)
  }

  /** Those who are locked out, the longest first. */
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

  /** Too long a text is no try, and neither is one that a check failed on. */
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
   * A tenth of all at once: those who owe nothing any more, then those who owe least and are not locked out. To be forgotten, an
   * attacker has to make as many others owe more.
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
