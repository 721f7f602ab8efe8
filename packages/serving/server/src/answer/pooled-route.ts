/** Shared by the embedding and ranking routes: finds a model that responds and sends its whole response, with keep-alives while it runs. */

import { type Clock, isHadalError, type Logger } from '@hadal/base'
import { contextLengthExceeded, emptyPrompt, invalidToken } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountGate } from '../account-gate.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { InFlight } from '../in-flight.ts'
import type { RouteContext } from '../route-context.ts'
import { bodyFor, Call, firstToAnswer } from './answer-call.ts'
import { AnswerStream } from './answer-stream.ts'
import { endFailed } from './end-failed.ts'
import { holdModel, namedModel } from './held-model.ts'
import { jsonPieces, type ListAnswer, sendList } from './json-pieces.ts'
import { relayedAnswer } from './relayed-answer.ts'

export interface PooledRouteContext extends Pick<RouteContext, 'models' | 'accepting'> {
  readonly inFlight: InFlight
  readonly gate: AccountGate | undefined
  readonly limits: ServerLimits
  readonly telemetry: Telemetry
  readonly textsRead: (model: string, tokens: number) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** `answer` reads the body for a loaded model and may return a list. */
export async function pooledAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  context: PooledRouteContext,
  answer: (body: unknown, signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const { models, gate, logger } = context
  using call = new Call(request, reply, context, false)
  const ask = async (model: string | undefined): Promise<unknown> => {
    const body = bodyFor(request.body, model)
    const upstream = models.upstream(model)
    if (upstream !== undefined) return relayedAnswer(upstream, body, call, context)
    const lease = await holdModel(models, model, call)
    try {
      return await finish(reply, await answer(body, call.signal), context)
    } catch (thrown) {
      // Frees memory for the next model of the chain.
      lease[Symbol.dispose]()
      throw thrown
    }
  }
  const name = namedModel(request.body)
  try {
    await gate?.admit(call, models.called(name))
    return await firstToAnswer(models.chain(name), call, ask, (fields) =>
      logger.warn('a model could not answer; the next one is asked', fields),
    )
  } catch (thrown) {
    if (!reply.raw.headersSent) throw thrown
    await endFailed(thrown, call, request.routeOptions.config.errors ?? {}, context)
    return undefined
  }
}

/** Returns the remainder to send, or undefined when everything was sent. */
async function finish(
  reply: FastifyReply,
  answer: unknown,
  { limits, clock }: PooledRouteContext,
): Promise<unknown> {
  const { raw } = reply
  if (!raw.headersSent) return isList(answer) ? sendList(reply, answer) : answer
  const stream = new AnswerStream(raw, limits.stallTimeoutMillis, clock)
  for await (const piece of isList(answer) ? jsonPieces(answer) : [JSON.stringify(answer)])
    await stream.write(piece)
  await stream.end('')
  return undefined
}

const isList = (answer: unknown): answer is ListAnswer<unknown> =>
  typeof answer === 'object' && answer !== null && 'around' in answer && 'items' in answer

const ofTheInput: ReadonlySet<string> = new Set([
  contextLengthExceeded.spec.code,
  emptyPrompt.spec.code,
  invalidToken.spec.code,
])

/** Renames the engine's parameter in an error to the client's field. */
export function namedAs(param: string): (thrown: unknown) => never {
  return (thrown) => {
    if (!isHadalError(thrown)) throw thrown
    const { param: place = ofTheInput.has(thrown.code) ? '' : undefined } = thrown
    throw place === '' || place?.startsWith('[') ? thrown.with({ param: `${param}${place}` }) : thrown
  }
}
