/** Observes a model's engines: counts from the cluster, utilisation from Prometheus. */

import type { Clock, Logger } from '@hadal/base'
import type { ScaleTarget, TargetState } from '@hadal/cluster'
import {
  forecastLoad,
  type Observation,
  type ObservationQueries,
  type ObservedQuery,
  type Reading,
  type ScalingPolicy,
} from '@hadal/fleet'
import { keepHistory } from './prometheus/load-history.ts'
import type { Prometheus } from './prometheus/prometheus-at.ts'
import { countSources, takeReading } from './prometheus/take-reading.ts'

export interface ObserveOptions {
  readonly target: ScaleTarget
  readonly queries: ObservationQueries
  readonly policy: ScalingPolicy
  readonly prometheus: Prometheus
  readonly clock: Clock
  readonly log: Logger
}

export interface Seen {
  readonly observation: Observation
  /** What a change has to be made against. */
  readonly target: TargetState
}

/** Rejects where the cluster does not say how many engines there are. What Prometheus does not say is missing, with the reason. */
export function observeEngines(options: ObserveOptions): (signal: AbortSignal) => Promise<Seen> {
  const { target, queries, policy, prometheus, clock, log } = options
  const { busyPercent, backlog, latencyP99Millis, demand } = queries
  const history =
    policy.predict === 'history' && busyPercent !== undefined
      ? keepHistory(prometheus, busyThen(busyPercent, backlog, policy), clock, log)
      : undefined
  return async (signal) => {
    const state = await target.read(signal)
    const { replicas, readyReplicas } = state
    const ask = (query: ObservedQuery): Promise<Reading> =>
      takeReading({ prometheus, now: () => clock.wallClock() }, query, signal)
    const [busy, measured, waiting, latency, requested, earlier] = await Promise.all([
      busyOf(busyPercent, state, clock, ask),
      busyPercent?.sources && countSources(prometheus, busyPercent.sources, signal),
      ask(backlog),
      policy.latencyMillis === undefined ? undefined : ask(latencyP99Millis),
      policy.scaleToZero ? ask(demand) : undefined,
      history?.read(signal),
    ])
    history?.add(busy)
    const now = clock.wallClock()
    return {
      target: state,
      observation: {
        now,
        replicas,
        readyReplicas,
        busyPercent: busy,
        measuredReplicas: measured,
        backlog: waiting,
        latencyP99Millis: latency,
        demand: requested,
        forecast: earlier === undefined ? undefined : forecastLoad(earlier, now, policy.startMillis),
      },
    }
  }
}

/** While all engines slept there is no engine series: if gateways reported then, nothing was busy. */
const busyThen = (busy: ObservedQuery, backlog: ObservedQuery, { scaleToZero }: ScalingPolicy): string =>
  scaleToZero ? `${busy.value} or 0 * ${backlog.value}` : busy.value

async function busyOf(
  query: ObservedQuery | undefined,
  { replicas, readyReplicas }: TargetState,
  clock: Clock,
  ask: (query: ObservedQuery) => Promise<Reading>,
): Promise<Reading> {
  // With no engines there is no series, and nothing is busy.
  if (replicas === 0 && readyReplicas === 0) return { at: clock.wallClock(), value: 0 }
  if (query === undefined)
    return { missing: 'these engines do not report their maximum number of concurrent requests' }
  return ask(query)
}
