/**
 * An OpenAI-compatible HTTP server over engines. It serves them and never closes them: whoever made an engine disposes
 * of it, after the server.
 *
 *     const server = createServer({ engines: [engine] })
 *     const { url } = await server.listen({ port: 8080 })
 */

import { type Clock, type Logger, silentLogger, systemClock } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import { createTelemetry, type Telemetry } from '@hadal/telemetry'
import type { FastifyInstance } from 'fastify'
import { acceptBody } from './accept-body.ts'
import { anthropicMessages } from './anthropic/messages.ts'
import { anthropicRoutes } from './anthropic/routes.ts'
import { clientOf } from './api-keys.ts'
import { embeddingRoutes } from './embeddings/routes.ts'
import type { GenerationLayer } from './generation.ts'
import { generationRoute } from './generation-route.ts'
import { holdModel } from './held-model.ts'
import { createHttpApp } from './http-app.ts'
import { InFlight } from './in-flight.ts'
import { defaultLimits, type ServerLimits } from './limits.ts'
import { type Address, listen, reachesOthers } from './listen.ts'
import { llamaServerCompletion } from './llama-server/completion.ts'
import { llamaServerInfill } from './llama-server/infill.ts'
import { LlamaServerMetrics } from './llama-server/metrics.ts'
import { llamaServerRoutes } from './llama-server/routes.ts'
import { sharedCompletions } from './llama-server/shared-completions.ts'
import { ModelDirectory } from './model-directory.ts'
import { type ModelChange, ModelHost } from './models/model-host.ts'
import { givenModel, type ModelNames, type ModelSource } from './models/model-source.ts'
import type { Room } from './models/plan-room.ts'
import { deepseekChat, openaiChat } from './openai/chat.ts'
import { chatTokenRoutes } from './openai/chat-tokens.ts'
import { deepseekCompletions, openaiCompletions } from './openai/completions.ts'
import { openApiRoute } from './openapi/route.ts'
import { ReasoningMemory } from './reasoning-memory.ts'
import { type RequestDefaults, withDefaults } from './request-defaults.ts'
import { rerankRoutes } from './rerank/routes.ts'
import { ItemMemory } from './responses/item-memory.ts'
import { openaiResponses } from './responses/responses.ts'
import { responsesRoutes } from './responses/routes.ts'
import type { RouteContext } from './route-context.ts'
import { modelControl } from './routes/model-control.ts'
import { modelRoutes } from './routes/models.ts'
import { statusRoutes } from './routes/status.ts'
import { runOnEngine } from './run-on-engine.ts'
import { version } from './version.ts'

export interface ServerOptions {
  /** Of models that the caller started and closes. They may still be starting: requests wait, and /ready says no until they are. */
  readonly engines?: readonly Engine[]
  /** Models that are loaded when they are asked for, and those that live in other servers. */
  readonly models?: readonly ModelSource[]
  /** For the models that are loaded here. */
  readonly room?: Room
  /** Without keys everyone may ask. /health, /ready and /metrics never need one. */
  readonly apiKeys?: readonly string[]
  /** Web pages that may call, by origin; `*` for all. */
  readonly corsOrigins?: readonly string[]
  readonly limits?: Partial<ServerLimits>
  /** What clients may call the only model beside its id, and what is said of it. */
  readonly modelNames?: ModelNames & {
    /** Every name means it. */
    readonly any?: boolean
  }
  /** Sampling and length of requests that say nothing. */
  readonly defaults?: RequestDefaults
  /** Whether GET /slots answers; it does by default. */
  readonly slots?: boolean
  /** Whether clients may load and unload LoRA adapters, from any path this process can read. Not by default. */
  readonly adapterChanges?: boolean
  /** Fields of a request that are not known are refused; by default they are ignored, and named in a header. */
  readonly strictParameters?: boolean
  /** Around every generation, the first one outermost. */
  readonly layers?: readonly GenerationLayer[]
  readonly telemetry?: Telemetry
  readonly logger?: Logger
  readonly clock?: Clock
}

export interface HadalServer extends AsyncDisposable {
  /** 127.0.0.1 and a free port by default. Throws `port_in_use` or `listen_failed`. */
  listen(at?: { readonly host?: string; readonly port?: number }): Promise<Address>
  /** A request without a socket. */
  readonly inject: FastifyInstance['inject']
  /**
   * New generations get 503 and /ready says no; running ones may finish within `timeoutMillis` and are ended with
   * `server_draining` after it; then the server closes.
   */
  drain(timeoutMillis: number): Promise<void>
  /** At once: running generations are cancelled. */
  close(): Promise<void>
}

const dialects = [openaiChat, deepseekChat, openaiCompletions, deepseekCompletions, anthropicMessages]
/** For the last words of streams that outlast a drain. */
const farewellMillis = 1_000

export function createServer(options: ServerOptions): HadalServer {
  const { engines = [], models: sources = [], logger = silentLogger, clock = systemClock } = options
  const telemetry = options.telemetry ?? createTelemetry({ clock })
  const limits = { ...defaultLimits, ...options.limits }
  const { apiKeys = [], corsOrigins = [], layers = [], strictParameters = false } = options
  const { defaults = {}, slots = true, adapterChanges = false } = options

  const llamaServerMetrics = new LlamaServerMetrics()
  const given = engines.map((engine) => givenModel(engine, engines.length === 1 ? options.modelNames : {}))
  const host = new ModelHost([...given, ...sources.filter((source) => source.kind === 'local')], {
    room: options.room ?? {},
    clock,
    logger,
    onReady: (engine) => [
      ...watchEngine(engine, telemetry, logger),
      engine.onStep((report) => llamaServerMetrics.step(report)),
    ],
    onChange: (change) => reportChange(change, telemetry, logger),
  })
  const models = new ModelDirectory(host, {
    anyName: options.modelNames?.any ?? false,
    upstreams: sources.filter((source) => source.kind === 'upstream'),
  })
  const inFlight = new InFlight()
  const reasoning = new ReasoningMemory()
  const generate = layers.reduceRight(
    (next, layer) => layer(next),
    llamaServerMetrics.layer(withDefaults(defaults)(runOnEngine(telemetry))),
  )

  const app = createHttpApp({ limits, apiKeys, corsOrigins, telemetry, clock, logger })
  openApiRoute(app, version)
  statusRoutes(app, {
    models,
    inFlight,
    telemetry,
    llamaServerMetrics,
    startedAt: Math.floor(clock.wallClock() / 1000),
  })
  modelRoutes(app, models)
  const accepting: RouteContext['accepting'] = (reply) => acceptBody(reply, strictParameters)
  const recalling: RouteContext['recalling'] = ({ headers }) => reasoning.of(clientOf(headers))
  const finding: RouteContext['finding'] = async (reply, name) => {
    await holdModel(models, name, { reply })
    return models.find(name)
  }
  const routeContext: RouteContext = { models, finding, accepting, defaults, recalling }
  llamaServerRoutes(app, routeContext, { slots, adapterChanges, buildInfo: `hadal-${version}` })
  const textsRead = (model: string, tokens: number): void => {
    telemetry.textsRead(model, tokens)
    llamaServerMetrics.textsRead(tokens)
  }
  const pooled = { models, accepting, inFlight, limits, telemetry, textsRead, clock, logger }
  embeddingRoutes(app, pooled)
  rerankRoutes(app, pooled)
  modelControl(app, routeContext)
  anthropicRoutes(app, routeContext)
  chatTokenRoutes(app, routeContext)
  const items = new ItemMemory()
  responsesRoutes(app, routeContext, items)
  const native = llamaServerCompletion(defaults)
  const infill = llamaServerInfill(defaults)
  for (const dialect of [
    ...dialects,
    openaiResponses(items),
    native,
    infill,
    sharedCompletions(openaiCompletions, native),
  ]) {
    const route = generationRoute(dialect, {
      models,
      defaults,
      generate,
      reasoning,
      inFlight,
      limits,
      strictParameters,
      telemetry,
      clock,
      logger,
    })
    for (const path of dialect.paths) app.post(path, { config: { errors: dialect } }, route)
  }

  const close = async (): Promise<void> => {
    inFlight.abortAll()
    await app.close()
    await host[Symbol.asyncDispose]()
  }
  const idleWithin = async (millis: number): Promise<void> => {
    const waiting = new AbortController()
    await Promise.race([inFlight.drain(), clock.sleep(millis, waiting.signal)])
    waiting.abort()
  }

  return {
    async listen({ host = '127.0.0.1', port = 0 } = {}) {
      const address = await listen(app, host, port)
      if (apiKeys.length === 0 && reachesOthers(host))
        logger.warn(`${address.url} can be reached from other machines and asks for no API key`)
      return address
    },
    inject: app.inject.bind(app) as FastifyInstance['inject'],
    async drain(timeoutMillis) {
      await idleWithin(timeoutMillis)
      inFlight.abortAll()
      await idleWithin(farewellMillis)
      await close()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function reportChange(change: ModelChange, telemetry: Telemetry, logger: Logger): void {
  const { model } = change
  if (change.kind === 'loaded') telemetry.modelLoaded(model, change.millis)
  if (change.kind === 'unloaded') {
    telemetry.modelUnloaded(model, change.reason)
    logger.info('a model was unloaded', { model, reason: change.reason })
  }
}

function watchEngine(engine: Engine, telemetry: Telemetry, logger: Logger): Disposable[] {
  const { id, chatTemplate, can } = engine.model
  if (can.generate && chatTemplate === undefined)
    logger.warn(`${id} has no chat template; chats are written as ChatML`)
  return [
    telemetry.watchEngine(id, () => engine.snapshot()),
    engine.onStep((report) => telemetry.step(id, report)),
  ]
}
