/** Proxies another server's response byte by byte at the reader's pace. Usage is read from its end. Dialect-independent. */

import type { Clock } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { RelayAnswer } from '@hadal/upstream'
import { guardOutputUnreadable } from '../guard/errors.ts'
import type { OutputWatch } from '../guard/output-watch.ts'
import { canBeRead, heldAnswer, heldEvents, observedAnswer } from '../guard/relayed-output.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { UpstreamModel } from '../models/model-source.ts'
import { operationOf } from '../observability/requested-of.ts'
import { outgoingTrace, timelineComment } from '../observability/observability.ts'
import { schedulingOf, schedulingSaidIn } from '../scheduling.ts'
import { tap } from '../tap.ts'
import type { Call } from './answer-call.ts'
import { AnswerStream } from './answer-stream.ts'
import { outgoing } from './response-head.ts'
import { heldHeader, wakeOutlook } from './wake-outlook.ts'

export interface RelayContext {
  readonly limits: ServerLimits
  readonly telemetry: Telemetry
  readonly clock: Clock
}

/** Number of choices requested, as far as the body has been parsed. */
function choicesRequested(body: unknown): number {
  const { n, prompt } = (body ?? {}) as { readonly n?: unknown; readonly prompt?: unknown }
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1
  return prompts * (typeof n === 'number' && n > 1 ? n : 1)
}

/** Each event holds about one token. JSON contains no empty lines. */
function eventsIn(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (const end of ['\n\n', '\r\n\r\n'])
    for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + end.length)) count += 1
  return count
}

function underWatch(
  body: AsyncIterable<Uint8Array>,
  output: OutputWatch,
  { 'content-type': type = '' }: RelayAnswer['headers'],
  { streams: wanted, body: requested }: Call,
): AsyncIterable<string | Uint8Array> {
  // Some servers ignore `stream`.
  const streams = wanted && !/\bjson\b/i.test(type)
  if (!output.holdsBack) return observedAnswer(body, output, streams)
  return streams ? heldEvents(body, output, choicesRequested(requested)) : heldAnswer(body, output)
}

/** Resolves when the response is flushed. Throws what `Upstream.relay` and its body throw. */
export async function relayedAnswer(
  { upstream, id }: UpstreamModel,
  body: unknown,
  call: Call,
  { limits, telemetry, clock }: RelayContext,
): Promise<void> {
  const { request, reply, signal, streams, output } = call
  const route = request.routeOptions.url ?? ''
  const isWatched = output !== undefined && canBeRead(route)
  if (output?.holdsBack === true && !isWatched) throw guardOutputUnreadable(route, id)
  request.record?.asks({ operation: operationOf(route), model: id })
  const timeline = telemetry.startSequence(id)
  const stream = new AnswerStream(reply.raw, limits.stallTimeoutMillis, clock)
  const requestedAt = clock.now()
  let answer: RelayAnswer | undefined
  let cut: 'abort' | 'error' | undefined = 'error'
  try {
    const requested = {
      id: request.id,
      path: route,
      body: body as Readonly<Record<string, unknown>>,
      headers: { ...request.headers, ...outgoingTrace(request) },
      scheduling: schedulingOf(request, schedulingSaidIn(body)),
    }
    call.outlook = () => wakeOutlook(id, upstream.snapshot())
    answer = await upstream.relay(requested, signal)
    const firstAt = clock.now()
    call.said = call.quiet = true
    request.record?.relay(answer.replica)
    if (!reply.raw.headersSent) {
      if (answer.heldMillis > 0) reply.header(heldHeader, (answer.heldMillis / 1000).toFixed(1))
      reply.hijack()
      const { 'content-length': length, ...headers } = answer.headers
      // Output that the guard holds back may be changed before it is sent.
      const asItCame = length !== undefined && output?.holdsBack !== true && { 'content-length': length }
      reply.raw.writeHead(answer.status, { ...outgoing(reply), ...headers, ...asItCame })
    }
    timeline.tokens(0)
    let events = 0
    const { replica } = answer
    const came = tap(answer.body, (bytes) => {
      if (!streams) return
      // An estimate until the end reports usage, so that a client that disconnects early is still charged.
      events += eventsIn(bytes)
      request.record?.relay(replica, { completionTokens: events })
    })
    for await (const bytes of isWatched ? underWatch(came, output, answer.headers, call) : came) {
      const room = stream.write(bytes)
      if (room !== undefined) await room
    }
    if (isWatched) await answer.body.return?.()
    const usage = await answer.usage
    request.record?.relay(answer.replica, usage)
    const { promptTokens = 0, cachedTokens = 0, completionTokens = 0 } = usage ?? {}
    timeline.tokens(completionTokens)
    const times = { queueMillis: 0, prefillMillis: firstAt - requestedAt, decodeMillis: clock.now() - firstAt }
    timeline.finished({ finishReason: 'stop', usage: { promptTokens, cachedTokens }, timings: times })
    cut = undefined
    await stream.end(streams ? timelineComment(reply) : '')
  } catch (thrown) {
    if (signal.aborted) cut = 'abort'
    throw signal.aborted ? signal.reason : thrown
  } finally {
    call.outlook = undefined
    if (cut !== undefined) timeline.cut(cut)
    if (answer !== undefined) await answer.body.return?.()
  }
}
