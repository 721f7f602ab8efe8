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
import type { GenerationLayer } from './generation.ts'
import { generationRoute } from './generation-route.ts'
import { createHttpApp } from './http-app.ts'
import { InFlight } from './in-flight.ts'
import { defaultLimits, type ServerLimits } from './limits.ts'
import { type Address, listen, reachesOthers } from './listen.ts'
import { ModelDirectory } from './model-directory.ts'
import { openaiChat } from './openai/chat.ts'
import { openaiCompletions } from './openai/completions.ts'
import { modelRoutes } from './routes/models.ts'
import { statusRoutes } from './routes/status.ts'
import { runOnEngine } from './run-on-engine.ts'

export interface ServerOptions {
  /** One for each model. They may still be starting: requests get 503 and /ready says no until they are. */
  readonly engines: readonly Engine[]
  /** Without keys everyone may ask. /health, /ready and /metrics never need one. */
  readonly apiKeys?: readonly string[]
  /** Web pages that may call, by origin; `*` for all. */
  readonly corsOrigins?: readonly string[]
  readonly limits?: Partial<ServerLimits>
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

const dialects = [openaiChat, openaiCompletions]
/** For the last words of streams that outlast a drain. */
const farewellMillis = 1_000

export function createServer(options: ServerOptions): HadalServer {
  const { engines, logger = silentLogger, clock = systemClock } = options
  const telemetry = options.telemetry ?? createTelemetry({ clock })
  const limits = { ...defaultLimits, ...options.limits }
  const { apiKeys = [], corsOrigins = [], layers = [] } = options

  const models = new ModelDirectory(engines)
  const inFlight = new InFlight()
  const generate = layers.reduceRight((next, layer) => layer(next), runOnEngine(telemetry))

  const app = createHttpApp({ limits, apiKeys, corsOrigins, telemetry, clock, logger })
  statusRoutes(app, { models, inFlight, telemetry })
  modelRoutes(app, models)
  for (const dialect of dialects) {
    const route = generationRoute(dialect, { models, generate, inFlight, limits, telemetry, clock, logger })
    for (const path of dialect.paths) app.post(path, { config: { errors: dialect } }, route)
  }

  let closed = false
  const watches: Disposable[] = []
  for (const engine of engines) {
    engine.ready().then(
      () => {
        if (!closed) watches.push(...watchEngine(engine, telemetry, logger))
      },
      (error: unknown) => logger.error('an engine did not start', { error }),
    )
  }

  const close = async (): Promise<void> => {
    closed = true
    inFlight.abortAll()
    await app.close()
    for (const watch of watches.splice(0)) watch[Symbol.dispose]()
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

function watchEngine(engine: Engine, telemetry: Telemetry, logger: Logger): Disposable[] {
  const { id, chatTemplate } = engine.model
  if (chatTemplate === undefined) logger.warn(`${id} has no chat template; chats are written as ChatML`)
  return [
    telemetry.watchEngine(id, () => engine.snapshot()),
    engine.onStep((report) => telemetry.step(id, report)),
  ]
}
