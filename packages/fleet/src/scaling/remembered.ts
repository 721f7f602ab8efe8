/**
 * What is kept of earlier looks, as it stands now. Pure. A clock that was set back or forward, a leader that was away, a number that
 * somebody else changed: none of them makes anything look longer ago than it is known to be.
 */

import type { ScalingState } from './decision.ts'
import type { Observation } from './observation.ts'
import type { Outlook } from './outlook.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export interface Remembered {
  readonly kept: ScalingState
  /** What the last decision left, where it is something else now. */
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
  const kept = {
    lastUpAt: changedFrom !== undefined && replicas > changedFrom ? now : past.lastUpAt,
    lastDownAt: changedFrom !== undefined && replicas < changedFrom ? now : past.lastDownAt,
    lowSince: since(outlook.isLow && !outlook.isBlind, past.lowSince),
    silentSince: since(outlook.isSilent, past.silentSince),
    lateSince: since(outlook.isLate && !isWaking(policy, past, now), past.lateSince),
    wokeAt: past.wokeAt,
    replicas,
    seenAt: now,
  }
  return { kept: saidOnly(kept), changedFrom }
}

/** The P99 is of the last two minutes. */
const latencyWindowMillis = 120_000

/** Who waited for a model to wake waited for its start, which more engines would not have made shorter. */
const isWaking = ({ startMillis }: ScalingPolicy, { wokeAt }: ScalingState, now: number): boolean =>
  wokeAt !== undefined && now - wokeAt < startMillis + latencyWindowMillis

/** A clock that was set back would make cool-downs last for as long as it was ahead. */
function notInFuture(state: ScalingState, now: number): ScalingState {
  const bounded = (at: number | undefined): number | undefined =>
    at === undefined || !Number.isFinite(at) ? undefined : Math.min(at, now)
  return saidOnly({
    lastUpAt: bounded(state.lastUpAt),
    lastDownAt: bounded(state.lastDownAt),
    lowSince: bounded(state.lowSince),
    silentSince: bounded(state.silentSince),
    lateSince: bounded(state.lateSince),
    wokeAt: bounded(state.wokeAt),
    seenAt: bounded(state.seenAt),
  })
}

function saidOnly(
  state: { readonly [Key in keyof ScalingState]: ScalingState[Key] | undefined },
): ScalingState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}
