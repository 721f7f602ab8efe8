/**
 * What current measurements require, independent of earlier decisions: the engine count for each metric, and whether the engines
 * are idle. Pure.
 */

import type { ScaleReason, ScalingState, SignalView } from './decision.ts'
import { goneInMillis, type Line, lineAfter } from './line-of-requests.ts'
import type { Observation } from './observation.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import { usableSignals } from './usable-signals.ts'

export interface Outlook {
  /** Minimum number of engines while the service is not asleep. */
  readonly minAwake: number
  /** The highest number that a figure asks for, and which; 0 where none asks for any. */
  readonly wants: number
  readonly why: ScaleReason
  readonly wantsByForecast: number
  /** Number of engines at which none would be busy. */
  readonly enough: number
  /** Replicas' worth, in percent. */
  readonly busy: number | undefined
  /** Mean of those that answer, in percent. */
  readonly meanPercent: number | undefined
  readonly waiting: number | undefined
  readonly demand: number | undefined
  readonly latency: number | undefined
  /** P99 is above its mark, of engines that have something to do. */
  readonly isLate: boolean
  readonly isBusy: boolean
  /** More requests wait than the requested engines can take, and the queue will not drain before others could start. */
  readonly hasBacklog: boolean
  readonly line: Line
  readonly isLow: boolean
  /** No demand, as far as it is measured. */
  readonly isSilent: boolean
  /** No engine answers, so nothing measures how busy they are. */
  readonly isUnmeasured: boolean
  /** A figure is missing without which nothing is taken away. */
  readonly isBlind: boolean
  readonly views: readonly SignalView[]
}

/**
 * Share of the high mark that the remaining engines may reach after scaling down; above it they would scale
 * up again.
 */
export const busyAfterwards = 0.9

export function outlookOf(policy: ScalingPolicy, state: ScalingState, seen: Observation): Outlook {
  const { replicas, readyReplicas, forecast } = seen
  const { busy, isPartial, waiting, latency, demand, views } = usableSignals(policy, seen)
  const minAwake = Math.max(1, policy.minReplicas)
  const meanPercent = busy === undefined || readyReplicas === 0 ? undefined : busy / readyReplicas

  // Terminating engines finish their work.
  const isBusy = replicas > 0 && meanPercent !== undefined && meanPercent > policy.highPercent
  const byBusy = isBusy ? enginesFor(busy!, policy.highPercent) : 0
  const line = lineAfter(state, waiting === undefined ? undefined : seen.backlog, policy.staleAfterMillis)
  const isLong = waiting !== undefined && waiting > policy.backlogPerReplica * Math.max(1, replicas)
  // While others are about to help, it is enough that it shrinks.
  const soonMillis = readyReplicas < replicas ? Number.MAX_VALUE : policy.startMillis
  const hasBacklog = isLong && goneInMillis(line) > soonMillis
  const byBacklog = hasBacklog ? enginesForLine(policy, seen, waiting) : 0
  // Long answers are late on idle engines, too: more of those would change nothing. From the low mark on, they would come and go.
  const workPercent = (policy.lowPercent + policy.highPercent) / 2
  const hasWork = (waiting ?? 0) > 0 || (meanPercent !== undefined && meanPercent > workPercent)
  const isLate =
    hasWork && latency !== undefined && latency > (policy.latencyMillis ?? Number.POSITIVE_INFINITY)
  const wantsByForecast = forecast === undefined ? 0 : enginesFor(forecast.busyPercent, policy.highPercent)

  const isUnmeasured = readyReplicas === 0
  const isMissingLatency =
    policy.latencyMillis !== undefined && seen.latencyP99Millis !== undefined && latency === undefined
  const isBlind =
    waiting === undefined ||
    isPartial ||
    (busy === undefined && !isUnmeasured) ||
    (isMissingLatency && !isUnmeasured)
  const isQuiet = waiting !== undefined && waiting <= policy.backlogPerReplica * Math.max(1, replicas - 1)
  return {
    minAwake,
    ...highest([
      ['backlog', byBacklog],
      ['busy', byBusy],
      ['forecast', wantsByForecast],
    ]),
    wantsByForecast,
    enough: Math.max(
      minAwake,
      wantsByForecast,
      enginesFor(busy ?? 0, policy.highPercent * busyAfterwards),
      enginesFor(waiting ?? 0, policy.backlogPerReplica),
    ),
    busy,
    meanPercent,
    waiting,
    demand,
    latency,
    isLate,
    isBusy,
    hasBacklog,
    line,
    isLow:
      !isLate &&
      isQuiet &&
      wantsByForecast < replicas &&
      meanPercent !== undefined &&
      meanPercent < policy.lowPercent,
    isSilent: demand === 0 && waiting === 0,
    isUnmeasured,
    isBlind,
    views: withWants(views, { busy: byBusy, backlog: byBacklog }, seen, wantsByForecast),
  }
}

/** Floats that should be whole are not always. */
export const enginesFor = (amount: number, perEngine: number): number => Math.ceil(amount / perEngine - 1e-9)

/**
 * A queue that grows while engines start shows that they are not ready yet, not that they are too few: until they are, the limit is
 * four times the ready engines, or four more if that is larger.
 */
function enginesForLine(
  { backlogPerReplica }: ScalingPolicy,
  { replicas, readyReplicas }: Observation,
  waiting: number,
): number {
  const wanted = enginesFor(waiting, backlogPerReplica)
  return readyReplicas < replicas ? Math.min(wanted, Math.max(readyReplicas * 4, readyReplicas + 4)) : wanted
}

/** The first of equal values. */
function highest(requested: readonly (readonly [ScaleReason, number])[]): Pick<Outlook, 'wants' | 'why'> {
  const [why, wants] = requested.reduce((most, next) => (next[1] > most[1] ? next : most))
  return { why, wants }
}

function withWants(
  views: readonly SignalView[],
  wants: { readonly busy: number; readonly backlog: number },
  { forecast }: Observation,
  byForecast: number,
): readonly SignalView[] {
  const requested = views.map((view) => {
    const number = view.name === 'busy' || view.name === 'backlog' ? wants[view.name] : 0
    return view.value !== undefined && number > 0 ? { ...view, wants: number } : view
  })
  if (forecast === undefined) return requested
  return [...requested, { name: 'forecast', value: forecast.busyPercent, wants: byForecast }]
}
