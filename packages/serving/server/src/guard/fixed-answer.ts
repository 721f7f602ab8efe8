/** A fixed response in the request's dialect, for requests the guard blocked. */

import type { Engine } from '@hadal/engine'
import type { Call } from '../answer/answer-call.ts'
import { namedModel } from '../answer/held-model.ts'
import { answerEvents, type LocalContext } from '../answer/local-answer.ts'
import { clientOf } from '../api-keys.ts'
import type { Dialect } from '../dialect.ts'
import type { ChoiceEvent, ChoiceUsage, Generation } from '../generation.ts'
import { operationOf } from '../observability/requested-of.ts'
import { guardBlocked } from './errors.ts'
import { standingEngine } from './standing-engine.ts'

export interface FixedAnswer {
  readonly text: string
  readonly finishReason: 'content_filter' | 'stop'
}

/**
 * Returns the remainder to send, or undefined when everything was sent. Throws body errors, and `guard_blocked` if only the remote server
 * could validate the body.
 */
export async function fixedAnswer(
  dialect: Dialect,
  { text, finishReason }: FixedAnswer,
  model: string,
  call: Call,
  context: LocalContext,
): Promise<unknown> {
  const { request, reply } = call
  const now = Math.floor(context.clock.wallClock() / 1000)
  const engine: Engine = standingEngine(model, now)
  const reading = dialect.read(call.body, {
    client: clientOf(request.headers),
    models: { find: () => engine },
    defaults: context.defaults,
    recall: () => undefined,
    accept: context.accepting(reply),
    maxSequences: context.limits.maxSequencesPerRequest,
    now,
  })
  // A remote server may accept bodies that this one does not.
  const isElsewhere = context.models.upstream(namedModel(call.body)) !== undefined
  const exchange = await (isElsewhere ? reading.catch(() => Promise.reject(guardBlocked())) : reading)
  if (exchange.headers !== undefined) reply.headers(exchange.headers)
  if (request.record !== null) {
    request.record.asks({ operation: operationOf(request.routeOptions.url ?? ''), model })
    request.record.usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, finishReason }
  }
  return answerEvents(exchange, saying(exchange.generation, text, finishReason), call, context)
}

const nothing: ChoiceUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }

async function* saying(
  { prompts, n }: Generation,
  text: string,
  finishReason: FixedAnswer['finishReason'],
): AsyncGenerator<ChoiceEvent> {
  for (let choice = 0; choice < prompts.length * n; choice += 1) {
    if (text !== '') yield { type: 'delta', choice, text, tokens: [], logprobs: [] }
    yield {
      type: 'done',
      choice,
      finishReason,
      usage: nothing,
      timings: { queueMillis: 0, prefillMillis: 0, decodeMillis: 0 },
    }
  }
}
