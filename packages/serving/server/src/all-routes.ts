/** All routes of a server and their dependencies. */

import type { Clock, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyInstance } from 'fastify'
import type { AccountGate } from './account-gate.ts'
import { acceptBody } from './answer/accept-body.ts'
import { generationRoute } from './answer/generation-route.ts'
import { holdModel } from './answer/held-model.ts'
import { anthropicMessages } from './anthropic/messages.ts'
import { anthropicRoutes } from './anthropic/routes.ts'
import { clientOf } from './api-keys.ts'
import { consoleRoutes } from './console/routes.ts'
import { embeddingRoutes } from './embeddings/routes.ts'
import type { Generate } from './generation.ts'
import type { RequestGuard } from './guard/request-guard.ts'
import { guardRoutes } from './guard/routes.ts'
import type { LiveOptions } from './http/live-options.ts'
import type { InFlight } from './in-flight.ts'
import type { InferenceStatistics } from './kserve/inference-statistics.ts'
import { kserveRoutes } from './kserve/routes.ts'
import { llamaServerCompletion } from './llama-server/completion.ts'
import { llamaServerInfill } from './llama-server/infill.ts'
import type { LlamaServerMetrics } from './llama-server/metrics.ts'
import { llamaServerRoutes } from './llama-server/routes.ts'
import { sharedCompletions } from './llama-server/shared-completions.ts'
import type { ModelDirectory } from './model-directory.ts'
import { deepseekChat, openaiChat } from './openai/chat.ts'
import { chatTokenRoutes } from './openai/chat-tokens.ts'
import { deepseekCompletions, openaiCompletions } from './openai/completions.ts'
import { openApiRoute } from './openapi/route.ts'
import { operationRoutes } from './operations/operations.ts'
import type { Operations } from './operations/operations-context.ts'
import type { Profiler } from './profile/profiler.ts'
import { profileRoute } from './profile/route.ts'
import type { ReasoningMemory } from './reasoning-memory.ts'
import { rerankRoutes } from './rerank/routes.ts'
import { ItemMemory } from './responses/item-memory.ts'
import { openaiResponses } from './responses/responses.ts'
import { responsesRoutes } from './responses/routes.ts'
import type { RouteContext } from './route-context.ts'
import { modelControl } from './routes/model-control.ts'
import { modelRoutes } from './routes/models.ts'
import { statusRoutes } from './routes/status.ts'
import { version } from './version.ts'

export interface AllRoutesContext {
  readonly models: ModelDirectory
  readonly live: LiveOptions
  readonly generate: Generate
  readonly reasoning: ReasoningMemory
  readonly inFlight: InFlight
  readonly gate: AccountGate | undefined
  readonly guard: RequestGuard
  readonly llamaServerMetrics: LlamaServerMetrics
  readonly inferences: InferenceStatistics
  readonly profiler: Profiler
  readonly telemetry: Telemetry
  readonly decisions: (() => unknown) | undefined
  readonly operations: Operations
  readonly consoleFolder: string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export function allRoutes(app: FastifyInstance, context: AllRoutesContext): void {
  const { models, live, reasoning, inFlight, gate, llamaServerMetrics, telemetry, clock, logger } = context
  const { defaults, limits, view } = live
  const routeContext: RouteContext = {
    models,
    async finding(reply, name) {
      gate?.checkModel(reply.request, models.called(name))
      await holdModel(models, name, { reply })
      return models.find(name)
    },
    accepting: (reply) => acceptBody(reply, view.strictParameters),
    defaults,
    recalling: ({ headers }) => reasoning.of(clientOf(headers)),
  }
  const startedAt = Math.floor(clock.wallClock() / 1000)
  openApiRoute(app, version)
  const { decisions } = context
  statusRoutes(app, { models, inFlight, telemetry, llamaServerMetrics, startedAt, decisions })
  modelRoutes(app, models)
  modelControl(app, routeContext)
  guardRoutes(app, routeContext, context.guard, clock)
  const { operations } = context
  operationRoutes(app, { ...routeContext, operations, guard: context.guard, version, clock })
  if (context.consoleFolder !== undefined) consoleRoutes(app, context.consoleFolder)
  profileRoute(app, routeContext, { profiler: context.profiler, limits })
  llamaServerRoutes(app, routeContext, {
    get slots() {
      return view.slots
    },
    get adapterChanges() {
      return view.adapterChanges
    },
    buildInfo: `hadal-${version}`,
  })
  anthropicRoutes(app, routeContext)
  chatTokenRoutes(app, routeContext)
  const items = new ItemMemory()
  responsesRoutes(app, routeContext, items)

  const { accepting } = routeContext
  const textsRead = (model: string, tokens: number): void => {
    telemetry.textsRead(model, tokens)
    llamaServerMetrics.textsRead(tokens)
  }
  const pooled = { models, accepting, inFlight, gate, limits, telemetry, textsRead, clock, logger }
  embeddingRoutes(app, pooled)
  rerankRoutes(app, pooled)
  const { finding } = routeContext
  kserveRoutes(app, { ...pooled, finding, statistics: context.inferences, version })

  const native = llamaServerCompletion(defaults)
  const dialects = [
    openaiChat,
    deepseekChat,
    openaiCompletions,
    deepseekCompletions,
    anthropicMessages,
    openaiResponses(items),
    native,
    llamaServerInfill(defaults),
    sharedCompletions(openaiCompletions, native),
  ]
  for (const dialect of dialects) {
    const route = generationRoute(dialect, { ...context, defaults, limits, accepting })
    for (const path of dialect.paths) app.post(path, { config: { errors: dialect } }, route)
  }
}
