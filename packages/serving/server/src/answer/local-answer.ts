/** An answer that a model of this server writes, in the words of a dialect: whole, or event by event. */

import type { Clock } from '@hadal/base'
import type { Scheduling } from '@hadal/engine'
import { clientOf } from '../api-keys.ts'
import type { Dialect, Exchange } from '../dialect.ts'
import type { ChoiceEvent, ChoiceUsage, Generate } from '../generation.ts'
import { watched } from '../guard/watched-generation.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { timelineComment } from '../observability/observability.ts'
import { ownerOf, type ReasoningMemory } from '../reasoning-memory.ts'
import type { RequestDefaults } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { refuseEarly, schedulingOf } from '../scheduling.ts'
import type { Call } from './answer-call.ts'
import { AnswerStream } from './answer-stream.ts'
import { ChoiceCollector } from './collect-choices.ts'
import { holdModel, namedModel } from './held-model.ts'
import { beginEvents } from './response-head.ts'

export interface LocalContext {
  readonly models: ModelDirectory
  readonly defaults: RequestDefaults
  readonly generate: Generate
  readonly reasoning: ReasoningMemory
  readonly limits: ServerLimits
  readonly accepting: RouteContext['accepting']
  readonly clock: Clock
}

/** What is still to be sent, or undefined when everything has been. */
export async function localAnswer(
  dialect: Dialect,
  body: unknown,
  call: Call,
  context: LocalContext,
): Promise<unknown> {
  const { models } = context
  const name = namedModel(body)
  refuseEarly(models.atHand(name), call.request, body)
  const lease = await holdModel(models, name, call)
  try {
    return await answerHeld(dialect, body, call, context)
  } catch (thrown) {
    // The next of its chain may need the room.
    lease[Symbol.dispose]()
    throw thrown
  }
}

async function answerHeld(
  dialect: Dialect,
  body: unknown,
  call: Call,
  context: LocalContext,
): Promise<unknown> {
  const { models, defaults, generate, reasoning, limits, clock } = context
  const { request, reply, signal } = call
  const client = clientOf(request.headers)
  const exchange = await dialect.read(body, {
    client,
    models,
    defaults,
    recall: reasoning.of(client),
    asSent: (text) => call.output?.asSent(text) ?? text,
    accept: context.accepting(reply),
    maxSequences: limits.maxSequencesPerRequest,
    now: Math.floor(clock.wallClock() / 1000),
  })
  if (exchange.headers !== undefined) reply.headers(exchange.headers)
  const { sequence } = exchange.generation
  const generation = {
    ...exchange.generation,
    sequence: { ...sequence, ...schedulingOf(request, pickScheduling(sequence)) },
    ...(request.record !== null && { record: request.record }),
  }
  const owner = ownerOf(client, sequence.owner)
  const events = reasoning.listen(owner, watched(call.output, generate)(generation, signal))
  return answerEvents(exchange, events, call, context)
}

/** What is still to be sent, or undefined when everything has been. */
export function answerEvents(
  exchange: Exchange,
  events: AsyncIterable<ChoiceEvent>,
  call: Call,
  context: Pick<LocalContext, 'clock' | 'limits'>,
): Promise<unknown> {
  return exchange.stream ? streamAnswer(exchange, events, call, context) : wholeAnswer(exchange, events, call)
}

const pickScheduling = ({ priority, client, deadlineMillis }: Scheduling): Scheduling => ({
  ...(priority !== undefined && { priority }),
  ...(client !== undefined && { client }),
  ...(deadlineMillis !== undefined && { deadlineMillis }),
})

async function wholeAnswer(
  exchange: Exchange,
  events: AsyncIterable<ChoiceEvent>,
  call: Call,
): Promise<unknown> {
  const { raw } = call.reply
  const collected = new ChoiceCollector()
  for await (const event of events) {
    // From now on it will not be long; but what has begun to be kept alive goes on being so.
    call.quiet = !raw.headersSent
    collected.add(event)
  }
  const answer = exchange.answer(collected.choices)
  if (!raw.headersSent) return answer
  raw.end(JSON.stringify(answer))
  return undefined
}

async function streamAnswer(
  exchange: Exchange,
  events: AsyncIterable<ChoiceEvent>,
  call: Call,
  { clock, limits }: Pick<LocalContext, 'clock' | 'limits'>,
): Promise<void> {
  const { reply } = call
  const stream = new AnswerStream(reply.raw, limits.stallTimeoutMillis, clock)
  const usages: ChoiceUsage[] = []
  call.failure = (error) => exchange.failure(error)
  call.keepAlive = exchange.keepAlive
  for await (const event of events) {
    beginEvents(reply)
    if (event.type === 'done') usages[event.choice] = event.usage
    const said = exchange.event(event)
    if (said !== '') {
      call.heard()
      call.said = true
    }
    const room = stream.write(said)
    if (room !== undefined) await room
  }
  await stream.end(timelineComment(reply) + exchange.end(usages))
}
