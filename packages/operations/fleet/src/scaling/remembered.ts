/**
 * State of earlier evaluations, adjusted to now. Pure. Clock changes, an absent leader and external scaling never make an
 * observation look older than it is known to be.
 */

import type { ScalingState } from './decision.ts'
import type { Observation } from './observation.ts'
import type { Outlook } from './outlook.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export interface Remembered {
  readonly kept: ScalingState
  /** Replica count after the last decision, if it differs now. */
  readonly changedFrom: number | undefined
}

export function remembered(
  policy: ScalingPolicy,
  state: ScalingState,
  { now, replicas }: Observation,
  outlook: Outlook,
): Remembered {
  const changedFrom = state.replicas === undefined || state.replicas === replicas ? undefined : state.replicas
  const past = notInFuture(state, now)
  const wasWatched = past.seenAt !== undefined && now - past.seenAt <= policy.staleAfterMillis
  const isSame = changedFrom === undefined && wasWatched
  const since = (is: boolean, before: number | undefined): number | undefined =>
    is ? ((isSame ? before : undefined) ?? now) : undefined
  const lowSince = since(outlook.isLow && !outlook.isBlind, past.lowSince)
  const kept = {
    lastUpAt: changedFrom !== undefined && replicas > changedFrom ? now : past.lastUpAt,
    lastDownAt: changedFrom !== undefined && replicas < changedFrom ? now : past.lastDownAt,
    lowSince,
    lowBusy:
      lowSince === undefined || outlook.busy === undefined
        ? undefined
        : Math.max(outlook.busy, lowSince < now ? (past.lowBusy ?? 0) : 0),
    silentSince: since(outlook.isSilent, past.silentSince),
    lateSince: since(outlook.isLate && !isSettling(policy, past, now), past.lateSince),
    ...lateBefore(past, now),
    replicas,
    ...outlook.line,
    seenAt: now,
  }
  return { kept: saidOnly(kept), changedFrom }
}

const usualWindowMillis = 120_000

/** Requests that queued while engines started waited for the start; more engines would not have shortened it. */
const isSettling = (
  { startMillis, latencyWindowMillis = usualWindowMillis }: ScalingPolicy,
  { lastUpAt }: ScalingState,
  now: number,
): boolean => lastUpAt !== undefined && now - lastUpAt < startMillis + latencyWindowMillis

/** How long a latency violation counts; then a smaller number is tried again. */
const lateCountsMillis = 6 * 3_600_000

const lateBefore = (
  { latePercent, latePercentAt }: ScalingState,
  now: number,
): Pick<ScalingState, 'latePercent' | 'latePercentAt'> =>
  latePercent === undefined || latePercentAt === undefined || now - latePercentAt > lateCountsMillis
    ? {}
    : { latePercent, latePercentAt }

/** If a clock is set back, cool-downs would last for as long as it was ahead. */
function notInFuture(state: ScalingState, now: number): ScalingState {
  const bounded = (at: number | undefined): number | undefined =>
    at === undefined || !Number.isFinite(at) ? undefined : Math.min(at, now)
  return saidOnly({
    lastUpAt: bounded(state.lastUpAt),
    lastDownAt: bounded(state.lastDownAt),
    lowSince: bounded(state.lowSince),
    lowBusy: state.lowBusy,
    silentSince: bounded(state.silentSince),
    lateSince: bounded(state.lateSince),
    latePercent: state.latePercent,
    latePercentAt: bounded(state.latePercentAt),
    seenAt: bounded(state.seenAt),
  })
}

function saidOnly(
  state: { readonly [Key in keyof ScalingState]: ScalingState[Key] | undefined },
): ScalingState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}
