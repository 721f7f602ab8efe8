/**
 * The HTTP handler behind every generation dialect: screens the request, picks a model, parses, generates, and responds as one body or a
 * stream. Before the first byte is sent, an error is an HTTP response; afterwards, it is the last item in the body. While a request waits,
 * keep-alives are sent: no-op events in a stream, blank lines before a JSON body.
 */

import type { Clock, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { RouteHandlerMethod } from 'fastify'
import type { AccountGate } from '../account-gate.ts'
import type { Dialect } from '../dialect.ts'
import type { Generate } from '../generation.ts'
import { fixedAnswer } from '../guard/fixed-answer.ts'
import type { RequestGuard } from '../guard/request-guard.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { InFlight } from '../in-flight.ts'
import type { ModelDirectory } from '../model-directory.ts'
import type { ReasoningMemory } from '../reasoning-memory.ts'
import type { RequestDefaults } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { bodyFor, Call, firstToAnswer } from './answer-call.ts'
import { endFailed } from './end-failed.ts'
import { namedModel } from './held-model.ts'
import { localAnswer } from './local-answer.ts'
import { relayedAnswer } from './relayed-answer.ts'

export interface GenerationContext {
  readonly models: ModelDirectory
  readonly defaults: RequestDefaults
  readonly generate: Generate
  readonly reasoning: ReasoningMemory
  readonly inFlight: InFlight
  readonly gate: AccountGate | undefined
  readonly guard: RequestGuard
  readonly limits: ServerLimits
  readonly accepting: RouteContext['accepting']
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export function generationRoute(dialect: Dialect, context: GenerationContext): RouteHandlerMethod {
  const { models, gate, guard, logger } = context
  const answer = (call: Call, model: string | undefined): Promise<unknown> => {
    const body = bodyFor(call.body, model)
    const upstream = models.upstream(model)
    return upstream === undefined
      ? localAnswer(dialect, body, call, context)
      : relayedAnswer(upstream, body, call, context)
  }
  return async (request, reply) => {
    using call = new Call(request, reply, context, true)
    const name = namedModel(request.body)
    try {
      await gate?.admit(call, models.called(name))
      const fixed = await guard.screen(call)
      if (fixed !== undefined) return await fixedAnswer(dialect, fixed, models.called(name), call, context)
      const chain = models.chain(name)
      return await firstToAnswer(
        chain,
        call,
        (model, at) => {
          if (at > 0) reply.header('x-hadal-fallback', encodeURI(model!))
          return answer(call, model)
        },
        (fields) => logger.warn('a model could not answer; the next one is asked', fields),
      )
    } catch (thrown) {
      if (!reply.raw.headersSent) throw thrown
      await endFailed(thrown, call, dialect, context)
      return undefined
    }
  }
}
