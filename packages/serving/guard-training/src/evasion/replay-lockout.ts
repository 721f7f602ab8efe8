/** Simulates the key budget on a recorded evasion run: the same queries in sequence by a caller who can be locked out. Pure. */

import { median } from '@hadal/base'
import { type BudgetLimits, QueryBudget, type Verdict } from '@hadal/guard'
import { type Share, shareOf } from '../evaluate/wilson-interval.ts'

/** Results for one attack in order, the unmodified one first. */
export interface Trace {
  readonly verdicts: readonly Pick<Verdict, 'action' | 'isNearMiss' | 'findings'>[]
  /** Whether the last one succeeded. */
  readonly evaded: boolean
}

export interface Lockout {
  /** Attacks that succeeded before the first lockout. */
  readonly beforeLockout: Share
  /** Queries until the first lockout, among those locked out. */
  readonly medianQueriesToLockout?: number
  /** Time of a successful attack, including waits. */
  readonly medianMillis?: number
  /** Without a budget. */
  readonly medianMillisWithout?: number
}

/**
 * Each attack starts with a fresh caller.
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
  /** Query that triggered the first lockout. */
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
