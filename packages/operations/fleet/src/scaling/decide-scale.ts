/**
 * Decides the number of engines. Pure: equal state and measurements give the same decision.
 *
 * It rises with the first signal that is high, to the highest number any signal needs, at most doubled (or four) at a time.
 * The number falls only when every signal has been low throughout `lowForMillis`; never if the others would
 * be busy. So more load never gives fewer engines, and two changes are never closer than `upCooldownMillis`, but to wake.
 */

import type { Choice, ScaleDecision, ScaleReason, ScalingState } from './decision.ts'
import type { Observation } from './observation.ts'
import { busyAfterwards, enginesFor, type Outlook, outlookOf } from './outlook.ts'
import { remembered } from './remembered.ts'
import { reportDecision } from './report-decision.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export interface Decided {
  readonly decision: ScaleDecision
  /** To be kept once the decision was executed, and after a `hold`. */
  readonly state: ScalingState
  /** To be kept if it could not be executed: as if nothing had been decided. */
  readonly stateIfRefused: ScalingState
}

/**
 * How many engines there should be, and why: pure, so that a recorded day can be played again.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { decideScale, scalerPlanOf } from '@hadal/fleet'
 *
 * const { policy } = scalerPlanOf(deployment).models[0]!
 * const now = Date.parse('2026-03-02T12:00:00Z')
 * const { decision } = decideScale(policy, {}, {
 *   now,
 *   replicas: 1,
 *   readyReplicas: 1,
 *   busyPercent: { at: now, value: 95 }, // of one engine
 *   backlog: { at: now, value: 40 }, // requests that wait
 * })
 * decision.action // → 'up'
 * ```
 */
export function decideScale(policy: ScalingPolicy, state: ScalingState, seen: Observation): Decided {
  const outlook = outlookOf(policy, state, seen)
  const { kept, changedFrom } = remembered(policy, state, seen, outlook)
  const choice = choose(policy, kept, seen, outlook)
  const { to, reason } = choice
  const from = seen.replicas
  return {
    decision: {
      at: seen.now,
      action: to > from ? 'up' : to < from ? 'down' : 'hold',
      from,
      to,
      reason,
      text: reportDecision(policy, kept, seen, outlook, choice, changedFrom),
      signals: outlook.views,
      ...(changedFrom !== undefined && { changedFrom }),
    },
    state: afterwards(kept, seen, outlook, choice),
    stateIfRefused: kept,
  }
}

function choose(policy: ScalingPolicy, kept: ScalingState, seen: Observation, outlook: Outlook): Choice {
  const { replicas } = seen
  if (replicas === 0) return chooseAsleep(policy, outlook)
  if (replicas > policy.maxReplicas) return { to: policy.maxReplicas, reason: 'bounds' }
  if (replicas < outlook.minAwake) return { to: outlook.minAwake, reason: 'bounds' }
  const requested = requestedBy(policy, kept, seen, outlook)
  if (requested.to > replicas) return chooseMore(policy, kept, seen, requested)
  return chooseFewer(policy, kept, seen, outlook)
}

function chooseAsleep(policy: ScalingPolicy, { demand, waiting, wants, minAwake }: Outlook): Choice {
  if (!policy.scaleToZero) return { to: 0, reason: 'switched_off' }
  const isWanted = (demand ?? 0) > 0 || (waiting ?? 0) > 0
  const awake = Math.min(policy.maxReplicas, Math.max(minAwake, Math.min(wants, atMostFrom(0))))
  if (isWanted) return { to: awake, reason: 'wake' }
  if (wants > 0) return { to: awake, reason: 'forecast' }
  return { to: 0, reason: demand === undefined && waiting === undefined ? 'stale' : 'asleep' }
}

/** Share of the ready engines added on high latency, since latency does not show how many are needed. */
const moreWhenLate = 0.25

/** The largest number of engines that any signal requires. */
function requestedBy(policy: ScalingPolicy, kept: ScalingState, seen: Observation, outlook: Outlook): Choice {
  const { now, readyReplicas } = seen
  const { wants, why, isLate } = outlook
  const isLateLongEnough =
    isLate && kept.lateSince !== undefined && now - kept.lateSince >= policy.latencyForMillis
  const byLatency = isLateLongEnough ? readyReplicas + Math.ceil(readyReplicas * moreWhenLate) : 0
  return byLatency > wants ? { to: byLatency, reason: 'latency' } : { to: wants, reason: why }
}

function chooseMore(policy: ScalingPolicy, kept: ScalingState, seen: Observation, requested: Choice): Choice {
  const { replicas, now } = seen
  if (replicas >= policy.maxReplicas) return { to: replicas, reason: 'at_max' }
  if (now - lastChangeOf(kept) < policy.upCooldownMillis) return { to: replicas, reason: 'cooldown' }
  return { ...requested, to: Math.min(requested.to, atMostFrom(replicas), policy.maxReplicas) }
}

function chooseFewer(policy: ScalingPolicy, kept: ScalingState, seen: Observation, outlook: Outlook): Choice {
  const { replicas, now } = seen
  const stay = (reason: ScaleReason): Choice => ({ to: replicas, reason })
  if (outlook.isBlind) return stay('stale')
  const cooldown = Math.max(policy.downCooldownMillis, policy.upCooldownMillis)
  const isCool = now - lastChangeOf(kept) >= cooldown
  if (isSilentLongEnough(policy, kept, now, outlook))
    return isCool ? { to: 0, reason: 'sleep' } : stay('cooldown')
  if (outlook.isBusy || outlook.hasBacklog || outlook.isUnmeasured) return stay('starting')
  if (!outlook.isLow) return stay('steady')
  if (replicas <= outlook.minAwake) return stay('at_min')
  if (kept.lowSince === undefined || now - kept.lowSince < policy.lowForMillis)
    return stay('low_not_long_enough')
  if (!isCool) return stay('cooldown')
  const aQuarterLess = replicas - Math.max(1, Math.floor(replicas / 4))
  const to = Math.max(outlook.enough, enoughForMost(policy, kept), aQuarterLess)
  return to < replicas ? { to, reason: 'idle' } : stay('steady')
}

/** For the most that was to do while they were idle. As few as with which answers were late would be late again, and more come again. */
function enoughForMost(
  { lowPercent, highPercent }: ScalingPolicy,
  { latePercent, lowBusy = 0 }: ScalingState,
): number {
  const mark = latePercent === undefined ? highPercent : Math.max(lowPercent, latePercent)
  return enginesFor(lowBusy, Math.min(highPercent, mark) * busyAfterwards)
}

/**
 * Longer than a start, or one that still loads would be taken away before the request that woke it comes again. Of those that never
 * answered, longer than the slowest start.
 */
function isSilentLongEnough(
  policy: ScalingPolicy,
  { silentSince }: ScalingState,
  now: number,
  { isSilent, isLow, isUnmeasured, wantsByForecast }: Outlook,
): boolean {
  if (!policy.scaleToZero || !isSilent || silentSince === undefined || wantsByForecast > 0) return false
  if (!isLow && !isUnmeasured) return false
  return now - silentSince >= policy.lowForMillis + policy.startMillis * (isUnmeasured ? 3 : 1)
}

/** Doubled, or four more: as Kubernetes' HorizontalPodAutoscaler does by default. */
const atMostFrom = (replicas: number): number => Math.max(replicas * 2, replicas + 4)

const lastChangeOf = ({ lastUpAt, lastDownAt }: ScalingState): number =>
  Math.max(lastUpAt ?? Number.NEGATIVE_INFINITY, lastDownAt ?? Number.NEGATIVE_INFINITY)

/** A change resets these timers: load that was low with four engines may not be low with three. */
function afterwards(
  kept: ScalingState,
  { now, replicas }: Observation,
  { meanPercent }: Outlook,
  { to, reason }: Choice,
): ScalingState {
  if (to === replicas) return { ...kept, replicas: to }
  const { lowSince: _, lowBusy: __, lateSince: ___, silentSince, ...rest } = kept
  const isUp = to > replicas
  return {
    ...rest,
    replicas: to,
    ...(silentSince !== undefined && !isUp && { silentSince }),
    ...(isUp ? { lastUpAt: now } : { lastDownAt: now }),
    ...(reason === 'latency' &&
      meanPercent !== undefined && {
        latePercent: Math.min(meanPercent, kept.latePercent ?? meanPercent),
        latePercentAt: now,
      }),
  }
}
