/**
 * Engine utilisation of the last weeks, for forecasts: queried from Prometheus hourly, and extended by observations. Without it
 * there is no forecast, and everything else continues.
 */

import type { Clock, Logger } from '@hadal/base'
import type { LoadHistory, Reading } from '@hadal/fleet'
import type { Prometheus } from './prometheus-at.ts'
import { numberOf } from './take-reading.ts'

const minute = 60_000
const refreshMillis = 60 * minute
const retryMillis = 5 * minute
/** Four weeks and what a forecast compares today by. Prometheus gives at most 11,000 points of a series. */
const backMillis = 29 * 24 * 60 * minute
const stepMillis = 5 * minute

export interface KeptHistory {
  /** The known points. Rejects only with the signal's reason. */
  read(signal: AbortSignal): Promise<LoadHistory>
  add(reading: Reading): void
}

export function keepHistory(prometheus: Prometheus, promql: string, clock: Clock, log: Logger): KeptHistory {
  let points: { at: number; value: number }[] = []
  let dueAt = Number.NEGATIVE_INFINITY
  const load = async (signal: AbortSignal): Promise<void> => {
    const now = clock.wallClock()
    const toSeconds = Math.floor(now / 1000)
    const range = { fromSeconds: toSeconds - backMillis / 1000, toSeconds, stepSeconds: stepMillis / 1000 }
    const answer = await prometheus.queryRange(promql, range, signal)
    dueAt = clock.now() + ('issue' in answer ? retryMillis : refreshMillis)
    if ('issue' in answer) {
      log.warn(`no prediction, because the load history could not be read: ${answer.issue}`)
      return
    }
    const read = (answer.series[0]?.values ?? []).flatMap(([seconds, text]) => {
      const value = typeof text === 'string' ? numberOf(text) : undefined
      return value === undefined || !Number.isFinite(value) ? [] : [{ at: seconds * 1000, value }]
    })
    const lastRead = read.at(-1)?.at ?? Number.NEGATIVE_INFINITY
    points = [...read, ...points.filter(({ at }) => at > lastRead)]
  }
  return {
    async read(signal) {
      if (clock.now() >= dueAt) await load(signal)
      return points
    },
    add(reading) {
      const last = points.at(-1)?.at ?? Number.NEGATIVE_INFINITY
      // In order of time, and once a minute.
      if ('missing' in reading || !Number.isFinite(reading.value) || reading.at < last + minute) return
      points.push({ at: reading.at, value: reading.value })
    },
  }
}
