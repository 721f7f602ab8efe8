/**
 * Estimates when steps really ran. Reports arrive with variable delay; the engine's clock is exact but has another origin. The least
 * delayed report bounds the offset, like the fastest reply in Cristian's algorithm (Probabilistic clock synchronization, 1989). Pure.
 */

import type { RecordedStep } from './recorded.ts'

export interface StepTimes {
  readonly startAt: number
  readonly endAt: number
}

/**
 * For one model's steps on one thread, in reporting order; milliseconds of `reportedAt`'s clock. No step ends after its report or begins before
 * the previous one ended.
 */
export function stepTimes(steps: readonly RecordedStep[]): StepTimes[] {
  const ends = steps.map(({ reportedAt }) => reportedAt)
  for (const [first, last] of livesOf(steps)) {
    let offset = Number.POSITIVE_INFINITY
    for (let at = first; at < last; at += 1)
      offset = Math.min(offset, steps[at]!.reportedAt - steps[at]!.report.endedAt!)
    for (let at = first; at < last; at += 1) ends[at] = steps[at]!.report.endedAt! + offset
  }
  const times: StepTimes[] = new Array(steps.length)
  let next = Number.POSITIVE_INFINITY
  // Backwards: of several steps reported at once, the last has the most exact time.
  for (let at = steps.length - 1; at >= 0; at -= 1) {
    const endAt = Math.min(ends[at]!, next)
    const startAt = endAt - Math.max(0, steps[at]!.report.millis)
    times[at] = { startAt, endAt }
    next = startAt
  }
  return times
}

/** Ranges of steps reported by one process, end exclusive: a restarted process has a different clock. */
function* livesOf(steps: readonly RecordedStep[]): Iterable<readonly [first: number, last: number]> {
  let first = 0
  for (let at = 0; at <= steps.length; at += 1) {
    const [now, before] = [steps[at]?.report.endedAt, steps[at - 1]?.report.endedAt]
    const goesOn = now !== undefined && (at === first || (before !== undefined && now >= before))
    if (goesOn) continue
    if (at > first) yield [first, at]
    first = now === undefined ? at + 1 : at
  }
}
