/**
 * Applies one load level to a server. Closed loop: a fixed number of clients, each sends its next request after a response. Open loop:
 * Poisson arrivals regardless of completions, with latency measured from the scheduled arrival, so that a slow server cannot hide its queue
 * (coordinated omission).
 */

import { type Clock, systemClock } from '@hadal/base'
import { exponential, type Random } from '@hadal/batching'
import type { Measurement } from './answer-tally.ts'
import type { LoadRequest } from './stream-client.ts'

export type Load =
  | { readonly kind: 'closed'; readonly concurrency: number }
  | { readonly kind: 'open'; readonly requestsPerSecond: number }

export interface LevelPlan {
  readonly load: Load
  /** Number of requests. */
  readonly requests: number
  /** or when no more may start after this time. */
  readonly durationMillis?: number | undefined
}

export interface LevelRun {
  readonly measurements: readonly Measurement[]
  readonly wallMillis: number
  /** Most requests that were under way at one time. */
  readonly peakConcurrency: number
}

export type Send = (request: LoadRequest, dueAt: number) => Promise<Measurement>

export async function runLevel(
  plan: LevelPlan,
  nextRequest: () => LoadRequest,
  send: Send,
  random: Random,
  onDone: (done: number) => void = () => {},
  signal?: AbortSignal,
  clock: Clock = systemClock,
): Promise<LevelRun> {
  const measurements: Measurement[] = []
  const startedAt = clock.now()
  const until = startedAt + (plan.durationMillis ?? Number.POSITIVE_INFINITY)
  let [started, underWay, peakConcurrency] = [0, 0, 0]
  const one = async (dueAt: number): Promise<void> => {
    started += 1
    underWay += 1
    peakConcurrency = Math.max(peakConcurrency, underWay)
    measurements.push(await send(nextRequest(), dueAt))
    underWay -= 1
    onDone(measurements.length)
  }
  const goesOn = (): boolean => started < plan.requests && clock.now() < until && !signal?.aborted

  if (plan.load.kind === 'closed') {
    const client = async (): Promise<void> => {
      while (goesOn()) await one(clock.now())
    }
    await Promise.all(Array.from({ length: plan.load.concurrency }, client))
  } else {
    const all: Promise<void>[] = []
    const { requestsPerSecond } = plan.load
    for (
      let dueAt = startedAt;
      dueAt < until && goesOn();
      dueAt += exponential(random, requestsPerSecond) * 1000
    ) {
      if (dueAt > clock.now()) await clock.sleep(dueAt - clock.now(), signal).catch(() => {})
      if (goesOn()) all.push(one(dueAt))
    }
    await Promise.all(all)
  }
  return { measurements, wallMillis: clock.now() - startedAt, peakConcurrency }
}
