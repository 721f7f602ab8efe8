/**
 * Converts a recording to a trace. Per model: lanes of steps and of passes (per replica if there are several), a queue length counter,
 * lanes of queued requests, and lanes of slots. Pure.
 */

import type { Span, Trace } from '@hadal/profiling'
import { queueSpans, waitingAt, waitingCounts } from './queue-spans.ts'
import type { Recorded, RecordedStep } from './recorded.ts'
import { requestSpans } from './request-spans.ts'
import { stepSpans, type ToMicros } from './step-spans.ts'

export function serverTrace({ startedAt, endedAt, steps, requests, notes }: Recorded): Trace {
  const durationMicros = Math.max(0, Math.round((endedAt - startedAt) * 1000))
  // Spans that extend beyond the recording are clipped.
  const micros: ToMicros = (millis) =>
    Math.min(durationMicros, Math.max(0, Math.round((millis - startedAt) * 1000)))
  const models = [...new Set([...steps, ...requests].map(({ model }) => model))].sort()
  const spans = models.flatMap((model): Span[] => {
    const lane = (what: string): string => (models.length > 1 ? `${model}: ${what}` : what)
    const own = steps.filter((step) => step.model === model)
    const requested = requests.filter((request) => request.model === model)
    const counts = waitingCounts(requested, endedAt)
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
      ...requestSpans(requested, lane, micros, endedAt),
    ]
  })
  return { spans: inOrder(spans), durationMicros, ...(notes.length > 0 && { notes }) }
}

/** Grouped by replica, because each has its own thread and clock, with a lane suffix. */
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

/** By start time; longer spans first at equal starts, then in input order, outer ones first. */
const inOrder = (spans: readonly Span[]): Span[] =>
  [...spans].sort((a, b) => a.startMicros - b.startMicros || b.durationMicros - a.durationMicros)
