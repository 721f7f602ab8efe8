/**
 * What was recorded of a server as a trace: of each model a lane of steps, one of passes over texts, each for every replica where there are
 * several, one that counts who waits, lanes of those who wait and of the places in the batch. Pure.
 */

import type { Span, Trace } from '@hadal/profiling'
import { queueSpans, waitingAt, waitingCounts } from './queue-spans.ts'
import type { Recorded, RecordedStep } from './recorded.ts'
import { requestSpans } from './request-spans.ts'
import { stepSpans, type ToMicros } from './step-spans.ts'

export function serverTrace({ startedAt, endedAt, steps, requests, notes }: Recorded): Trace {
  const durationMicros = Math.max(0, Math.round((endedAt - startedAt) * 1000))
  // What began before or goes on after it is cut.
  const micros: ToMicros = (millis) =>
    Math.min(durationMicros, Math.max(0, Math.round((millis - startedAt) * 1000)))
  const models = [...new Set([...steps, ...requests].map(({ model }) => model))].sort()
  const spans = models.flatMap((model): Span[] => {
    const lane = (what: string): string => (models.length > 1 ? `${model}: ${what}` : what)
    const own = steps.filter((step) => step.model === model)
    const asked = requests.filter((request) => request.model === model)
    const counts = waitingCounts(asked, endedAt)
    const waiting = (at: number): number => waitingAt(counts, at)
    return [
      ...byReplica(own).flatMap(([of, steps]) => [
        ...stepSpans(
          steps.filter((step) => !isPass(step)),
          lane(`steps${of}`),
          micros,
          waiting,
        ),
        ...stepSpans(steps.filter(isPass), lane(`passes${of}`), micros, waiting),
      ]),
      ...queueSpans(counts, lane('queue'), micros, endedAt),
      ...requestSpans(asked, lane, micros, endedAt),
    ]
  })
  return { spans: inOrder(spans), durationMicros, ...(notes.length > 0 && { notes }) }
}

/** Each with how its lanes are told apart: a replica has a thread and a clock of its own. */
function byReplica(
  steps: readonly RecordedStep[],
): (readonly [of: string, steps: readonly RecordedStep[]])[] {
  const replicas = [...new Set(steps.map(({ report }) => report.replica))]
  return replicas.map((replica) => [
    replica === undefined ? '' : ` of replica ${replica}`,
    steps.filter(({ report }) => report.replica === replica),
  ])
}

const isPass = ({ report }: RecordedStep): boolean => report.isPass === true

/** By their start; of those that start together the longer first, and of equals the outer one, which came first. */
const inOrder = (spans: readonly Span[]): Span[] =>
  [...spans].sort((a, b) => a.startMicros - b.startMicros || b.durationMicros - a.durationMicros)
