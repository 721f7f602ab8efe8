/**
 * The one HTTP handler behind every dialect that generates: read, generate, answer whole or as a stream. Until the first
 * event an error is an HTTP answer; after it, the last event of the stream.
 */

import type { OutgoingHttpHeaders } from 'node:http'
import type { Clock, Logger } from '@hadal/base'
import type { GeneratedToken } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyReply, RouteHandlerMethod } from 'fastify'
import { acceptBody } from './accept-body.ts'
import type { Dialect, Exchange, FinishedChoice } from './dialect.ts'
import { asHadalError } from './error-answer.ts'
import { readerStalled } from './errors.ts'
import { EventStream } from './event-stream.ts'
import type { ChoiceDone, ChoiceEvent, ChoicePrompt, ChoiceUsage, Generate } from './generation.ts'
import type { InFlight } from './in-flight.ts'
import type { ServerLimits } from './limits.ts'
import type { ModelDirectory } from './model-directory.ts'
import { reportError } from './report-error.ts'

export interface GenerationContext {
  readonly models: ModelDirectory
  readonly generate: Generate
  readonly inFlight: InFlight
  readonly limits: ServerLimits
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export function generationRoute(dialect: Dialect, context: GenerationContext): RouteHandlerMethod {
  const { models, generate, inFlight, limits, clock } = context
  return async (request, reply) => {
    const signal = inFlight.begin(reply.raw)
    const exchange = await dialect.read(request.body, {
      models,
      accept: acceptBody(reply),
      maxSequences: limits.maxSequencesPerRequest,
      now: Math.floor(clock.wallClock() / 1000),
    })
    if (exchange.headers !== undefined) reply.headers(exchange.headers)
    const events = generate(exchange.generation, signal)
    if (exchange.stream) return streamAnswer(exchange, events, reply, context)
    return exchange.answer(await collect(events))
  }
}

async function collect(events: AsyncIterable<ChoiceEvent>): Promise<FinishedChoice[]> {
  const open: OpenChoice[] = []
  const finished: FinishedChoice[] = []
  for await (const event of events) {
    open[event.choice] ??= { text: '', reasoning: '', toolCalls: [], logprobs: [], tokens: [], prompt: [] }
    const choice = open[event.choice]!
    if (event.type === 'done') finished[event.choice] = { ...choice, done: event }
    else add(choice, event)
  }
  return finished
}

interface OpenChoice {
  text: string
  reasoning: string
  readonly toolCalls: { id: string; name: string; arguments: string }[]
  readonly logprobs: GeneratedToken[]
  readonly tokens: number[]
  prompt: ChoicePrompt['tokens']
}

function add(choice: OpenChoice, event: Exclude<ChoiceEvent, ChoiceDone>): void {
  switch (event.type) {
    case 'prompt':
      choice.prompt = event.tokens
      return
    case 'tool':
      choice.toolCalls[event.index] = { id: event.id, name: event.name, arguments: '' }
      return
    case 'arguments':
      choice.toolCalls[event.index]!.arguments += event.text
      return
    default:
      choice[event.type === 'delta' ? 'text' : 'reasoning'] += event.text
      choice.tokens.push(...event.tokens)
      choice.logprobs.push(...event.logprobs)
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
  try {
    for await (const event of events) {
      if (!stream.opened) {
        reply.hijack()
        stream.open(reply.getHeaders() as OutgoingHttpHeaders)
      }
      if (event.type === 'done') usages[event.choice] = event.usage
      await stream.write(exchange.event(event))
    }
    await stream.end(exchange.end(usages))
  } catch (thrown) {
    if (!stream.opened) throw thrown
    await failStream(thrown, exchange, stream, reply, context)
  }
}

async function failStream(
  thrown: unknown,
  exchange: Exchange,
  stream: EventStream,
  reply: FastifyReply,
  context: GenerationContext,
): Promise<void> {
  const requestId = reply.request.id
  const error = asHadalError(thrown, { requestId, maxBodyBytes: context.limits.maxBodyBytes })
  reportError(error, { requestId }, context)
  if (error.code === readerStalled.spec.code) reply.raw.destroy()
  else await stream.end(exchange.failure(error)).catch(() => reply.raw.destroy())
}
