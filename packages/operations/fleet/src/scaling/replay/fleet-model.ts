/**
 * A number of engines as a queue simulated in steps. Load is engines' worth of work: what fits is done, what does not
 * waits, what finds the queue full is rejected. Requested engines are ready after `startMillis`; those that go, go at once, the
 * ones that only start before others, as Kubernetes takes them. Pure: knows nothing of clusters, nor of scalers.
 */

import { meanWaiting, p99Wait } from './waiting.ts'

export interface FleetModel {
  readonly startMillis: number
  /** Requests that one engine answers at once. */
  readonly places: number
  /** P99 of answers that do not wait. */
  readonly serviceP99Millis: number
  /** Requests that may wait for each engine; more are refused. While there is none, the gateway holds as many as for one. */
  readonly maxQueue: number
}

export interface Fleet {
  readonly ready: number
  /** In order of time. */
  readonly starting: readonly { readonly at: number; readonly count: number }[]
  /** Work that waits, in milliseconds of one engine. */
  readonly waitingWork: number
}

/** What happened in one step. */
export interface FleetStep {
  readonly fleet: Fleet
  /** Engines' worth of busy engines: 1.4. */
  readonly busy: number
  /** Requests that wait at the end of it. */
  readonly backlog: number
  /** P99 of the requests that came in it; NaN where none did. */
  readonly latencyP99Millis: number
  /** Requests that came in it, and those that ran at its end. */
  readonly arrived: number
  readonly running: number
  /** Requests that were refused. */
  readonly refused: number
}

export const fleetOf = (replicas: number): Fleet => ({ ready: replicas, starting: [], waitingWork: 0 })

/** Engines that are ready or requested. */
export const requestedBy = ({ ready, starting }: Fleet): number =>
  starting.reduce((sum, { count }) => sum + count, ready)

/** Engines whose start ended by `now` are ready. */
export function started(fleet: Fleet, now: number): Fleet {
  const { starting } = fleet
  if (starting.length === 0 || starting[0]!.at > now) return fleet
  const still = starting.filter(({ at }) => at > now)
  const over = starting.filter(({ at }) => at <= now)
  return { ...fleet, starting: still, ready: fleet.ready + over.reduce((sum, { count }) => sum + count, 0) }
}

export function scaledTo(fleet: Fleet, replicas: number, now: number, { startMillis }: FleetModel): Fleet {
  const more = replicas - requestedBy(fleet)
  if (more >= 0)
    return more === 0
      ? fleet
      : { ...fleet, starting: [...fleet.starting, { at: now + startMillis, count: more }] }
  let left = -more
  const starting: { at: number; count: number }[] = []
  for (const each of fleet.starting.toReversed()) {
    const gone = Math.min(left, each.count)
    left -= gone
    if (each.count > gone) starting.unshift({ at: each.at, count: each.count - gone })
  }
  return { ...fleet, starting, ready: fleet.ready - left }
}

/** `load` is engines' worth of work. Nothing else changes within a step. */
export function advanced(
  fleet: Fleet,
  load: number,
  now: number,
  stepMillis: number,
  model: FleetModel,
): FleetStep {
  const { ready } = fleet
  const requestWork = workOfRequest(model)
  const came = load * stepMillis
  const total = fleet.waitingWork + came
  const done = Math.min(total, ready * stepMillis)
  // Scaling down does not reject queued requests.
  const room = Math.max(
    model.maxQueue * requestWork * Math.max(1, ready),
    Math.max(0, fleet.waitingWork - done),
  )
  const left = Math.min(room, total - done)
  // Less than a thousandth of a request is rounding error.
  const waitingWork = left > requestWork / 1000 ? left : 0
  const isFull = waitingWork > 0 || ready === 0
  return {
    fleet: { ...fleet, waitingWork },
    busy: done / stepMillis,
    backlog: waitingWork / requestWork + (isFull ? 0 : meanWaiting(load / ready, ready * model.places)),
    latencyP99Millis:
      came === 0 && waitingWork === 0
        ? Number.NaN
        : model.serviceP99Millis + waitOf({ ...fleet, waitingWork }, load, now, stepMillis, model),
    arrived: came / requestWork,
    running: (done / stepMillis) * model.places,
    refused: Math.max(0, total - done - left) / requestWork,
  }
}

/** P99, in milliseconds. Added to that of the answer itself it is a little more than the P99 of both. */
function waitOf(
  { ready, starting, waitingWork }: Fleet,
  load: number,
  now: number,
  stepMillis: number,
  model: FleetModel,
): number {
  if (ready === 0) {
    // Queued until the first engine is ready; with none requested, the time is unknown.
    const [first] = starting
    const until = first === undefined ? stepMillis : Math.max(0, first.at - now)
    return until + waitingWork / Math.max(1, first?.count ?? 1)
  }
  if (waitingWork > 0) return waitingWork / ready
  return p99Wait(load / ready, ready * model.places, serviceMean(model))
}

/** The P99 of exponentially distributed times is ln 100 times the mean. */
const serviceMean = ({ serviceP99Millis }: Pick<FleetModel, 'serviceP99Millis'>): number =>
  serviceP99Millis / Math.log(100)

/** With all places taken, so much of an engine's time is that of one request, in milliseconds. */
export const workOfRequest = (model: Pick<FleetModel, 'serviceP99Millis' | 'places'>): number =>
  serviceMean(model) / model.places
