/** How many wait over time, as spans of the same number, one behind the other. Pure. */

import type { Span } from '@hadal/profiling'
import type { ToMicros } from './step-spans.ts'

export interface WaitingCount {
  readonly at: number
  readonly waiting: number
}

/** In the order of their times; the last count holds until `endAt`. Where nobody waits there is no span. */
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
