/** One model's steps as spans: composition and time breakdown. Pure. */

import type { StepReport } from '@hadal/engine'
import type { Span } from '@hadal/profiling'
import type { RecordedStep } from './recorded.ts'
import { stepTimes } from './step-times.ts'

/** Converts clock milliseconds to trace microseconds. */
export type ToMicros = (millis: number) => number

/** One model's steps in reporting order. Its parts are totals; in a step with several calls they alternate. */
export function stepSpans(
  steps: readonly RecordedStep[],
  lane: string,
  micros: ToMicros,
  waitingAt: (millis: number) => number,
): Span[] {
  const times = stepTimes(steps)
  return steps.flatMap((step, at) => {
    const { startAt, endAt } = times[at]!
    // Reported late: the step ended before the recording began.
    if (micros(endAt) === 0) return []
    const span: Span = {
      name: compositionOf(step.report),
      startMicros: micros(startAt),
      durationMicros: micros(endAt) - micros(startAt),
      lane,
      category: 'step',
      args: argsOf(step, Math.max(step.waiting, waitingAt(endAt))),
    }
    return [span, ...partSpans(step.report, startAt, lane, micros)]
  })
}

const partSpans = (report: StepReport, startAt: number, lane: string, micros: ToMicros): Span[] => {
  const spans: Span[] = []
  let from = startAt
  for (const { name, native, millis } of partsOf(report)) {
    const [start, end] = [micros(from), micros(from + millis)]
    const span = { name, startMicros: start, durationMicros: end - start, lane, category: 'phase' }
    if (end > start) spans.push(span)
    if (end > start && native !== undefined) spans.push({ ...span, name: native, category: 'operator' })
    from += millis
  }
  return spans
}

interface Part {
  readonly name: string
  /** Name of the native backend, if any. */
  readonly native?: string
  readonly millis: number
}

/** Known parts of a step's time, in order; they add up to the step. */
function partsOf({ millis, nativeMillis, outside, tensors }: StepReport): Part[] {
  if (nativeMillis === undefined) return []
  let left = millis
  const part = (name: string, wanted: number, native?: string): Part => {
    const taken = Math.min(Math.max(0, wanted), left)
    left -= taken
    return { name, millis: taken, ...(native !== undefined && { native }) }
  }
  if (tensors !== undefined)
    return [
      part('inputs', tensors.inputMillis),
      part('compute', nativeMillis, 'native code'),
      part('outputs', tensors.outputMillis),
      part('own work', left),
    ]
  const { plan = 0, sample = 0, texts = 0 } = outside ?? {}
  return [
    part('plan', plan),
    part('compute', nativeMillis, 'native code'),
    part('sample', sample),
    part('texts', texts),
    part(outside === undefined ? 'outside native code' : 'own work', left),
  ]
}

/** `12 decodes + 256 prefill`, `3 texts, 96 tokens`. */
export function compositionOf({ decodeTokens, prefillTokens, drafts, ...report }: StepReport): string {
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  if (report.tensors !== undefined) return many(report.running, 'row')
  if (report.isPass === true) {
    const of = many(report.running, report.tower === 'image' ? 'image' : 'text')
    return `${of}, ${many(prefillTokens, 'token')}`
  }
  const parts = [
    ...(decodeTokens > 0 ? [many(decodeTokens - (drafts?.tokens ?? 0), 'decode')] : []),
    ...(drafts !== undefined && drafts.tokens > 0 ? [many(drafts.tokens, 'draft')] : []),
    ...(prefillTokens > 0 ? [`${prefillTokens} prefill`] : []),
  ]
  return parts.length === 0 ? 'nothing' : parts.join(' + ')
}

function argsOf(
  { model, report, maxBatchSize, kvCacheUsage }: RecordedStep,
  waiting: number,
): Span['args'] & object {
  const { step, decodeTokens, prefillTokens, attendedTokens, running, preemptions, drafts, isPass } = report
  return {
    model,
    step,
    running,
    decodeTokens,
    prefillTokens,
    waiting,
    maxBatchSize,
    kvCacheUsage: Math.round(kvCacheUsage * 1000) / 1000,
    ...(attendedTokens !== undefined && { attendedTokens }),
    ...(preemptions !== undefined && { preemptions }),
    ...(drafts !== undefined && {
      drafts: drafts.count,
      draftTokens: drafts.tokens,
      acceptedDraftTokens: drafts.accepted,
    }),
    ...(isPass === true && { pass: report.tensors === undefined ? (report.tower ?? 'text') : 'tensors' }),
  }
}
