/**
 * When steps really were. Reports come late, by a time that varies with how busy this process is; the engine’s own clock is exact, but
 * has another origin. The report that was least late tells how far apart the two are, as the fastest answer does in Cristian’s algorithm
 * (Probabilistic clock synchronization, 1989). Pure.
 */

import type { RecordedStep } from './recorded.ts'

export interface StepTimes {
  readonly startAt: number
  readonly endAt: number
}

/**
 * Of the steps of one model that share a thread, in the order they were told of; milliseconds of the clock that `toldAt` is of. None
 * ends after it was told of, and none begins before the one before it ended.
 */
export function stepTimes(steps: readonly RecordedStep[]): StepTimes[] {
  const ends = steps.map(({ toldAt }) => toldAt)
  for (const [first, last] of livesOf(steps)) {
    let offset = Number.POSITIVE_INFINITY
    for (let at = first; at < last; at += 1)
      offset = Math.min(offset, steps[at]!.toldAt - steps[at]!.report.endedAt!)
    for (let at = first; at < last; at += 1) ends[at] = steps[at]!.report.endedAt! + offset
  }
  const times: StepTimes[] = new Array(steps.length)
  let next = Number.POSITIVE_INFINITY
  // From the last to the first: several that were told of at once lie behind each other, and the last of them is the most exact.
  for (let at = steps.length - 1; at >= 0; at -= 1) {
    const endAt = Math.min(ends[at]!, next)
    const startAt = endAt - Math.max(0, steps[at]!.report.millis)
    times[at] = { startAt, endAt }
    next = startAt
  }
  return times
}

/** Runs of steps whose ends one process told, first inclusive, last exclusive: a process that was started again has another clock. */
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
