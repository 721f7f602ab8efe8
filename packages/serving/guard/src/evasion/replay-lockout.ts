/** What the budget of a key makes of an evasion run: the same questions, one after another, by a caller who can be locked out. Pure. */

import { median } from '@hadal/base'
import { type Share, shareOf } from '../evaluate/wilson-interval.ts'
import { type BudgetLimits, QueryBudget } from '../hardening/query-budget.ts'
import type { Verdict } from '../verdict.ts'

/** The answers of one attack, in order: the undisguised one first. */
export interface Trace {
  readonly verdicts: readonly Pick<Verdict, 'action' | 'isNearMiss' | 'findings'>[]
  /** Whether the last one got through. */
  readonly evaded: boolean
}

export interface Lockout {
  /** Attacks that got through before the caller was locked out once. */
  readonly beforeLockout: Share
  /** Questions until the first lockout, of those that met one. */
  readonly medianQueriesToLockout?: number
  /** How long an attack that got through took, with all the waiting. */
  readonly medianMillis?: number
  /** Without a budget. */
  readonly medianMillisWithout?: number
}

/**
 * Each attack by a caller that nothing is held against yet.
 *
 * @internal
 */
export function replayLockout(traces: readonly Trace[], limits: BudgetLimits, pauseMillis: number): Lockout {
  const runs = traces.map((trace) => replay(trace, limits, pauseMillis))
  const evaded = runs.filter((run) => run.evaded)
  const before = evaded.filter(({ lockedAt }) => lockedAt === undefined)
  const toLockout = medianOf(runs.flatMap(({ lockedAt }) => lockedAt ?? []))
  const took = medianOf(evaded.map(({ millis }) => millis))
  const without = medianOf(
    traces.flatMap(({ evaded, verdicts }) => (evaded ? [verdicts.length * pauseMillis] : [])),
  )
  return {
    beforeLockout: shareOf(before.length, runs.length),
    ...(toLockout !== undefined && { medianQueriesToLockout: toLockout }),
    ...(took !== undefined && { medianMillis: took }),
    ...(without !== undefined && { medianMillisWithout: without }),
  }
}

interface Run {
  readonly evaded: boolean
  /** Question that the first lockout followed. */
  readonly lockedAt?: number
  readonly millis: number
}

function replay({ verdicts, evaded }: Trace, limits: BudgetLimits, pauseMillis: number): Run {
  const budget = new QueryBudget(limits)
  let now = 0
  let lockedAt: number | undefined
  for (const [index, verdict] of verdicts.entries()) {
    now += budget.lockedFor(caller, now)
    budget.note(caller, verdict, now)
    if (lockedAt === undefined && budget.lockedFor(caller, now) > 0) lockedAt = index + 1
    now += pauseMillis
  }
  return { evaded, millis: now, ...(lockedAt !== undefined && { lockedAt }) }
}

const caller = 'attacker'

const medianOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : median(values)
