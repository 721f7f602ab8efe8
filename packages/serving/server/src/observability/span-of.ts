/** A request as a span with OpenTelemetry's conventions for HTTP servers and generative AI, and a child span per phase. Pure. */

import type { SpanAttributes, SpanOutcome, SpanPart } from '@hadal/telemetry'
import { shortened, usageOf } from './access-facts.ts'
import type { RequestRecord, SequenceRecord } from './request-record.ts'

/** Maximum sequences with child spans. */
const maxSequences = 16

/** Expects a finished record. `body` is the request's, as far as it was parsed. */
export function spanOf(record: RequestRecord, body?: unknown): SpanOutcome {
  const { start, requested, sequences, ended, error } = record
  const { arrivedAt, arrivedWall, method, route } = start
  const wall = (at: number): number => arrivedWall + (at - arrivedAt)
  const { status } = ended!
  return {
    name: requested === undefined ? `${method} ${route}` : `${requested.operation} ${requested.model}`,
    to: wall(ended!.at),
    attributes: { ...httpAttributes(record), ...modelAttributes(record, body) },
    parts: [
      ...relayPart(record, wall),
      ...sequences.slice(0, maxSequences).flatMap((sequence, at) => partsOf(sequence, at, wall)),
    ],
    ...((error !== undefined || status >= 500) && { error: error ?? String(status) }),
    // By convention, client errors are not server failures; a stream may fail after its 200.
    hasFailed: status >= 500 || (error !== undefined && status < 400),
  }
}

function httpAttributes({ start, client, upstream, ended }: RequestRecord): SpanAttributes {
  return {
    'http.request.method': start.method,
    'http.route': start.route,
    'url.path': start.path,
    'http.response.status_code': ended!.status,
    'hadal.request.id': start.id,
    'hadal.client': client,
    'hadal.upstream': upstream,
  }
}

function modelAttributes(record: RequestRecord, body: unknown): SpanAttributes {
  const { requested, sequences, start, relayedAt, usage } = record
  if (requested === undefined) return {}
  const { sampling } = requested
  const said = bodyFields(body)
  const { promptTokens, cachedTokens, completionTokens, finishReason } = usageOf(record)
  const firsts = [relayedAt, ...sequences.map((each) => each.firstTextAt)].filter((at) => at !== undefined)
  return {
    'gen_ai.operation.name': requested.operation,
    'gen_ai.provider.name': 'hadal',
    'gen_ai.request.model': said.model ?? requested.model,
    'gen_ai.request.stream': said.stream,
    'gen_ai.request.choice.count': requested.choices === 1 ? undefined : requested.choices,
    'gen_ai.request.max_tokens': requested.maxTokens,
    'gen_ai.request.temperature': sampling?.temperature,
    'gen_ai.request.top_p': sampling?.topP,
    'gen_ai.request.top_k': sampling?.topK,
    'gen_ai.request.seed': sampling?.seed,
    'gen_ai.request.presence_penalty': sampling?.presencePenalty,
    'gen_ai.request.frequency_penalty': sampling?.frequencyPenalty,
    'gen_ai.response.id': requested.answerId,
    'gen_ai.response.model': requested.model,
    'gen_ai.response.finish_reasons': finishReason?.split(','),
    'gen_ai.response.time_to_first_chunk':
      said.stream && firsts.length > 0 ? (Math.min(...firsts) - start.arrivedAt) / 1000 : undefined,
    'gen_ai.usage.input_tokens': promptTokens,
    'gen_ai.usage.cache_read.input_tokens': cachedTokens,
    'gen_ai.usage.output_tokens': completionTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'gen_ai.input.messages': requested.texts && messagesOf(requested.texts),
  }
}

/** Body fields that describe an operation, in any dialect. */
function bodyFields(body: unknown): { readonly model?: string; readonly stream?: boolean } {
  if (typeof body !== 'object' || body === null) return {}
  const { model, stream } = body as Readonly<Record<string, unknown>>
  return {
    ...(typeof model === 'string' && { model: model.slice(0, 256) }),
    ...(stream === true && { stream }),
  }
}

const messagesOf = (texts: NonNullable<NonNullable<RequestRecord['requested']>['texts']>): string =>
  JSON.stringify(
    shortened(texts).map(({ role, text }) => ({ role, parts: [{ type: 'text', content: text }] })),
  )

/** Child span of an upstream request. */
function relayPart(
  { upstream, requestedAt, relayedAt, ended, start }: RequestRecord,
  wall: (at: number) => number,
): SpanPart[] {
  if (upstream === undefined || relayedAt === undefined) return []
  return [
    {
      name: 'relay',
      from: wall(requestedAt ?? start.arrivedAt),
      to: wall(ended!.at),
      attributes: { 'hadal.upstream': upstream },
      events: [{ name: 'first byte', at: wall(relayedAt) }],
    },
  ]
}

/** Queue, prefill and decode spans of a finished sequence; for others as far as known. */
function partsOf(sequence: SequenceRecord, choice: number, wall: (at: number) => number): SpanPart[] {
  const { startedAt, endedAt, done, chunks, steps } = sequence
  const attributes = { 'hadal.choice': choice }
  const part = (name: string, from: number, to: number, more: Partial<SpanPart> = {}): SpanPart => ({
    name,
    from: wall(from),
    to: wall(Math.max(from, to)),
    ...more,
    attributes: { ...attributes, ...more.attributes },
  })
  const placedAt = sequence.placedAt ?? endedAt ?? startedAt
  const events = chunks.map(([millis, tokens]) => ({
    name: 'chunk',
    at: wall(placedAt + millis),
    attributes: { 'hadal.chunk.tokens': tokens },
  }))
  if (done === undefined) {
    const queue = part('queue', startedAt, placedAt)
    if (sequence.placedAt === undefined) return [queue]
    return [queue, part('cut', placedAt, endedAt ?? placedAt, { events })]
  }
  const { usage, timings } = done
  const firstAt = placedAt + timings.prefillMillis
  return [
    part('queue', startedAt, placedAt),
    part('prefill', placedAt, firstAt, {
      events,
      attributes: {
        'hadal.prompt.tokens': usage.promptTokens,
        'hadal.prompt.cached_tokens': usage.cachedTokens,
      },
    }),
    part('decode', firstAt, firstAt + timings.decodeMillis, {
      attributes: {
        'hadal.decode.tokens': usage.completionTokens,
        'hadal.decode.steps': steps > 0 ? steps : undefined,
        'hadal.draft.tokens': usage.draftTokens,
        'hadal.draft.accepted_tokens': usage.acceptedDraftTokens,
      },
    }),
  ]
}
