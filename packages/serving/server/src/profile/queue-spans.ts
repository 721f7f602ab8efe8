/**
 * Number of queued requests over time, as consecutive spans of equal count. Combines the engine's queue with requests passed to its process
 * that have no slot yet, which only the records know. Pure.
 */

import type { Span } from '@hadal/profiling'
import type { RecordedRequest } from './recorded.ts'
import { waitOf } from './request-spans.ts'
import type { ToMicros } from './step-spans.ts'

export interface WaitingCount {
  readonly at: number
  readonly waiting: number
}

/** One entry per change. `now` ends waits still in progress. */
export function waitingCounts(requests: readonly RecordedRequest[], now: number): WaitingCount[] {
  const changes = requests.flatMap((request) => {
    const wait = waitOf(request, now)
    return wait === undefined
      ? []
      : [
          { at: wait.from, by: 1 },
          { at: wait.to, by: -1 },
        ]
  })
  const counts: WaitingCount[] = []
  let waiting = 0
  for (const { at, by } of changes.sort((a, b) => a.at - b.at)) {
    waiting += by
    if (counts.at(-1)?.at === at) counts.pop()
    counts.push({ at, waiting })
  }
  return counts
}

/** The count at a time; entries must be sorted. */
export function waitingAt(counts: readonly WaitingCount[], at: number): number {
  let [from, to] = [0, counts.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (counts[middle]!.at <= at) from = middle + 1
    else to = middle
  }
  return counts[from - 1]?.waiting ?? 0
}

/** In time order; the last count extends to `endAt`. There is no span while the queue is empty. */
export function queueSpans(
  counts: readonly WaitingCount[],
  lane: string,
  micros: ToMicros,
  endAt: number,
): Span[] {
  const spans: Span[] = []
  let at = 0
  while (at < counts.length) {
    const { at: from, waiting } = counts[at]!
    let next = at + 1
    while (next < counts.length && counts[next]!.waiting === waiting) next += 1
    const to = counts[next]?.at ?? endAt
    const [start, end] = [micros(from), micros(to)]
    if (waiting > 0 && end > start)
      spans.push({
        name: `${waiting} waiting`,
        startMicros: start,
        durationMicros: end - start,
        lane,
        category: 'queue',
        args: { waiting },
      })
    at = next
  }
  return spans
}
