/**
 * The one HTTP handler behind every dialect that generates: read, generate, answer whole or as a stream. Until something
 * is on the wire an error is an HTTP answer; after it, the last thing in the body. While a request waits for its first
 * token the connection is kept alive: by events without meaning in a stream, by blank lines before a whole answer.
 */

import type { OutgoingHttpHeaders } from 'node:http'
import type { Clock, HadalError, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyReply, RouteHandlerMethod } from 'fastify'
import { acceptBody } from './accept-body.ts'
import { clientOf } from './api-keys.ts'
import { ChoiceCollector } from './collect-choices.ts'
import type { Dialect, Exchange } from './dialect.ts'
import { asHadalError, errorAnswer } from './error-answer.ts'
import { readerStalled } from './errors.ts'
import { EventStream } from './event-stream.ts'
import type { ChoiceEvent, ChoiceUsage, Generate } from './generation.ts'
import type { InFlight } from './in-flight.ts'
import { KeepAlive } from './keep-alive.ts'
import type { ServerLimits } from './limits.ts'
import type { ModelDirectory } from './model-directory.ts'
import { ownerOf, type ReasoningMemory } from './reasoning-memory.ts'
import { reportError } from './report-error.ts'
import type { RequestDefaults } from './request-defaults.ts'
import { refuseEarly, schedulingOf } from './scheduling.ts'

export interface GenerationContext {
  readonly models: ModelDirectory
  readonly defaults: RequestDefaults
  readonly generate: Generate
  readonly reasoning: ReasoningMemory
  readonly inFlight: InFlight
  readonly limits: ServerLimits
  readonly strictParameters: boolean
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export function generationRoute(dialect: Dialect, context: GenerationContext): RouteHandlerMethod {
  const { models, defaults, generate, reasoning, inFlight, limits, clock } = context
  return async (request, reply) => {
    const signal = inFlight.begin(reply.raw)
    refuseEarly(models.engines, request.headers, request.body)
    const client = clientOf(request.headers)
    const exchange = await dialect.read(request.body, {
      client,
      models,
      defaults,
      recall: reasoning.of(client),
      accept: acceptBody(reply, context.strictParameters),
      maxSequences: limits.maxSequencesPerRequest,
      now: Math.floor(clock.wallClock() / 1000),
    })
    if (exchange.headers !== undefined) reply.headers(exchange.headers)
    const { sequence } = exchange.generation
    const generation = {
      ...exchange.generation,
      sequence: { ...schedulingOf(request.headers), ...sequence },
    }
    const owner = ownerOf(client, sequence.owner)
    const events = reasoning.listen(owner, generate(generation, signal))
    return exchange.stream
      ? streamAnswer(exchange, events, reply, context)
      : wholeAnswer(dialect, exchange, events, reply, context)
  }
}

async function wholeAnswer(
  dialect: Dialect,
  exchange: Exchange,
  events: AsyncIterable<ChoiceEvent>,
  reply: FastifyReply,
  context: GenerationContext,
): Promise<unknown> {
  const { raw } = reply
  const collected = new ChoiceCollector()
  let begun = false
  using _ = new KeepAlive(context.clock, context.limits.keepAliveMillis, () => {
    if (begun && !raw.headersSent) return
    if (!raw.headersSent) {
      reply.hijack()
      raw.writeHead(200, { ...outgoing(reply), 'content-type': 'application/json; charset=utf-8' })
    }
    if (!raw.destroyed) raw.write('\n')
  })
  try {
    for await (const event of events) {
      begun = true
      collected.add(event)
    }
    const answer = exchange.answer(collected.choices)
    if (!raw.headersSent) return answer
    raw.end(JSON.stringify(answer))
    return undefined
  } catch (thrown) {
    if (!raw.headersSent) throw thrown
    const { id, body } = reply.request
    raw.end(JSON.stringify(errorAnswer(reported(thrown, reply, context), dialect, id, body).body))
    return undefined
  }
}

async function streamAnswer(
  exchange: Exchange,
  events: AsyncIterable<ChoiceEvent>,
  reply: FastifyReply,
  context: GenerationContext,
): Promise<void> {
  const stream = new EventStream(reply.raw, context.limits.stallTimeoutMillis, context.clock)
  const usages: ChoiceUsage[] = []
  const open = (): void => {
    if (stream.opened) return
    reply.hijack()
    stream.open(outgoing(reply))
  }
  using silence = new KeepAlive(context.clock, context.limits.keepAliveMillis, () => {
    open()
    stream.hint(exchange.keepAlive ?? ': keep-alive\n\n')
  })
  try {
    for await (const event of events) {
      open()
      if (event.type === 'done') usages[event.choice] = event.usage
      const said = exchange.event(event)
      if (said !== '') silence.heard()
      const room = stream.write(said)
      if (room !== undefined) await room
    }
    await stream.end(exchange.end(usages))
  } catch (thrown) {
    if (!stream.opened) throw thrown
    const error = reported(thrown, reply, context)
    if (error.code === readerStalled.spec.code) reply.raw.destroy()
    else await stream.end(exchange.failure(error)).catch(() => reply.raw.destroy())
  }
}

const outgoing = (reply: FastifyReply): OutgoingHttpHeaders => reply.getHeaders() as OutgoingHttpHeaders

/** Of an answer that has begun, so that nobody else will report it. */
function reported(thrown: unknown, reply: FastifyReply, context: GenerationContext): HadalError {
  const requestId = reply.request.id
  const error = asHadalError(thrown, { requestId, maxBodyBytes: context.limits.maxBodyBytes })
  reportError(error, { requestId }, context)
  return error
}
