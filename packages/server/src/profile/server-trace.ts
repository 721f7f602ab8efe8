/**
 * What was recorded of a server as a trace: of each model a lane of steps, one of passes over texts, one that counts who waits, lanes of
 * those who wait and of the places in the batch. Pure.
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
    const [passes, generating] = [own.filter(isPass), own.filter((step) => !isPass(step))]
    const asked = requests.filter((request) => request.model === model)
    const counts = waitingCounts(asked, endedAt)
    const waiting = (at: number): number => waitingAt(counts, at)
    return [
      ...stepSpans(generating, lane('steps'), micros, waiting),
      ...stepSpans(passes, lane('passes'), micros, waiting),
      ...queueSpans(counts, lane('queue'), micros, endedAt),
      ...requestSpans(asked, lane, micros, endedAt),
    ]
  })
  return { spans: inOrder(spans), durationMicros, ...(notes.length > 0 && { notes }) }
}

const isPass = ({ report }: RecordedStep): boolean => report.isPass === true

/** By their start; of those that start together the longer first, and of equals the outer one, which came first. */
const inOrder = (spans: readonly Span[]): Span[] =>
  [...spans].sort((a, b) => a.startMicros - b.startMicros || b.durationMicros - a.durationMicros)
