/** One model's requests as spans: queued ones in parallel lanes, running ones in their slot's lane. Pure. */

import { packLanes, type Span } from '@hadal/profiling'
import type { RecordedRequest } from './recorded.ts'
import type { ToMicros } from './step-spans.ts'

/** Milliseconds by which consecutive spans of a slot may overlap, because another process observes them. */
const slackMillis = 5

/** `lane` names a lane of the model. Requests in progress end at `now`. */
export function requestSpans(
  requests: readonly RecordedRequest[],
  lane: (what: string) => string,
  micros: ToMicros,
  now: number,
): Span[] {
  return [
    ...waits(requests, lane, micros, now),
    ...placed(
      requests.filter(({ placedAt }) => placedAt !== undefined),
      (place) => lane(`slot ${place}`),
      micros,
      now,
    ),
    // Non-generation passes and upstream responses have no slot.
    ...placed(
      requests.filter(({ placedAt, isRelayed }) => placedAt === undefined && isRelayed === true),
      (place) => lane(`elsewhere ${place}`),
      micros,
      now,
    ),
    ...placed(requests.filter(isPooled), (place) => lane(`in passes ${place}`), micros, now),
  ]
}

/** Operations run in passes without a slot. */
const inPasses: ReadonlySet<string> = new Set(['embeddings', 'rerank', 'inference'])

const isPooled = ({ placedAt, isRelayed, operation }: RecordedRequest): boolean =>
  placedAt === undefined && isRelayed !== true && inPasses.has(operation)

/** Queue time, from submission to the slot; undefined if none is needed. */
export function waitOf(
  request: RecordedRequest,
  now: number,
): { readonly from: number; readonly to: number } | undefined {
  if (isPooled(request) || request.isRelayed === true) return undefined
  const { startedAt, placedAt, endedAt } = request
  const to = placedAt ?? endedAt ?? now
  return to > startedAt ? { from: startedAt, to } : undefined
}

function waits(
  requests: readonly RecordedRequest[],
  lane: (what: string) => string,
  micros: ToMicros,
  now: number,
): Span[] {
  const waited = requests.flatMap((request) => {
    const wait = waitOf(request, now)
    return wait === undefined || micros(wait.to) <= micros(wait.from) ? [] : { request, ...wait }
  })
  const lanes = packLanes(waited)
  return waited.map(({ request, from, to }, at) => ({
    name: request.placedAt === undefined && request.endedAt !== undefined ? 'never placed' : 'queued',
    startMicros: micros(from),
    durationMicros: micros(to) - micros(from),
    lane: lane(`waiting ${lanes[at]}`),
    category: 'wait',
    args: { id: request.id, model: request.model },
  }))
}

function placed(
  requests: readonly RecordedRequest[],
  laneOf: (place: number) => string,
  micros: ToMicros,
  now: number,
): Span[] {
  const intervals = requests.map(({ placedAt, startedAt, endedAt, slot }) => ({
    from: placedAt ?? startedAt,
    to: endedAt ?? now,
    ...(slot !== undefined && { wants: slot }),
  }))
  const lanes = packLanes(intervals, slackMillis)
  /** End of the last span per lane; a slightly overlapping span is moved there. */
  const free = new Map<string, number>()
  const order = requests.map((_, at) => at).sort((a, b) => intervals[a]!.from - intervals[b]!.from)
  return order.flatMap((at) => {
    const request = requests[at]!
    const lane = laneOf(lanes[at]!)
    const start = Math.max(micros(intervals[at]!.from), free.get(lane) ?? 0)
    const end = Math.max(start, micros(intervals[at]!.to))
    free.set(lane, end)
    const clipped: ToMicros = (millis) => Math.min(end, Math.max(start, micros(millis)))
    const span: Span = {
      name: request.operation,
      startMicros: start,
      durationMicros: end - start,
      lane,
      category: 'request',
      args: argsOf(request),
    }
    return [span, ...partsOf(request, lane, clipped, start, end)]
  })
}

/** Prefill with its chunks, then decode. */
function partsOf(
  { placedAt, computedAt, chunks }: RecordedRequest,
  lane: string,
  micros: ToMicros,
  start: number,
  end: number,
): Span[] {
  if (placedAt === undefined) return []
  const computed = computedAt === undefined ? end : micros(computedAt)
  const span = (name: string, from: number, to: number, category: string, args?: Span['args']): Span[] =>
    to <= from
      ? []
      : [{ name, startMicros: from, durationMicros: to - from, lane, category, ...(args && { args }) }]
  let from = start
  const parts = chunks.flatMap(([at, tokens]) => {
    const to = Math.min(computed, micros(at))
    const chunk = span('chunk', from, to, 'chunk', { tokens })
    from = Math.max(from, to)
    return chunk
  })
  return [
    ...span('prefill', start, computed, 'prefill'),
    ...parts,
    ...span('decode', computed, end, 'decode'),
  ]
}

function argsOf(request: RecordedRequest): Span['args'] & object {
  const { id, model, choice, arrivedAt, startedAt, placedAt, firstTextAt, error } = request
  const { promptTokens, cachedTokens, completionTokens } = request
  return {
    id,
    model,
    ...(choice !== undefined && { choice }),
    ...(placedAt !== undefined && { queueMillis: tenths(placedAt - startedAt) }),
    ...(firstTextAt !== undefined && { firstTokenMillis: tenths(firstTextAt - arrivedAt) }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(completionTokens !== undefined && { completionTokens }),
    ...(error !== undefined && { error }),
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10
