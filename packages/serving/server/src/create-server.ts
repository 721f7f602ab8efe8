/**
 * An OpenAI-compatible HTTP server over local engines and other servers. It loads and unloads models from `models`. Engines and upstreams
 * passed in belong to the caller, who disposes of them after the server.
 *
 *     const server = createServer({ engines: [engine] })
 *     const { url } = await server.listen({ port: 8080 })
 */

import type { Accounts } from '@hadal/accounts'
import { type Clock, type Logger, silentLogger, systemClock } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import { createTelemetry, type Telemetry } from '@hadal/telemetry'
import type { FastifyInstance } from 'fastify'
import { accountGate } from './account-gate.ts'
import { allRoutes } from './all-routes.ts'
import type { GenerationLayer } from './generation.ts'
import { RequestGuard } from './guard/request-guard.ts'
import type { Guarding } from './guard/server-guard.ts'
import { adminListenerOf, createHttpApp, type HttpAppOptions } from './http/http-app.ts'
import { type Address, listen, reachesOthers, refuseKeyless, refuseKeylessAdmin } from './http/listen.ts'
import { LiveOptions, type LiveServerOptions, type SettledOptions } from './http/live-options.ts'
import { InFlight } from './in-flight.ts'
import { InferenceStatistics } from './kserve/inference-statistics.ts'
import { LivePulse } from './live/live-pulse.ts'
import { RequestNames } from './live/request-names.ts'
import { liveRoutes } from './live/routes.ts'
import { StepFeed } from './live/step-feed.ts'
import { LlamaServerMetrics } from './llama-server/metrics.ts'
import { givenModel, type ModelNames, type ModelSource } from './models/model-source.ts'
import type { Room } from './models/plan-room.ts'
import { ServedModels } from './models/served-models.ts'
import { type ObservabilityOptions, observability } from './observability/observability.ts'
import type { Operations } from './operations/operations-context.ts'
import { Profiler } from './profile/profiler.ts'
import { ReasoningMemory } from './reasoning-memory.ts'
import { withDefaults } from './request-defaults.ts'
import { runOnEngine } from './run-on-engine.ts'

export interface ServerOptions extends LiveServerOptions, Pick<HttpAppOptions, 'tls' | 'separateAdmin'> {
  /** Engines started and closed by the caller. They may still be starting: requests wait, and /ready fails until they are up. */
  readonly engines?: readonly Engine[]
  /** Models loaded on demand, and models on other servers. */
  readonly models?: readonly ModelSource[]
  /** Memory budget for models loaded here. */
  readonly room?: Room
  /** Alias and metadata of the only model, in addition to its id. */
  readonly modelNames?: ModelNames & {
    /** Accept any model name. */
    readonly any?: boolean
  }
  /** Keys with limits, in addition to `apiKeys`; the caller closes them. */
  readonly accounts?: Accounts
  /** Client weights for the engines, by client identifier; those of accounts are added. */
  readonly clientWeights?: Record<string, number>
  /** Which request data is recorded, and where it is sent. */
  readonly observe?: Omit<ObservabilityOptions, 'logger' | 'clock'>
  /** Middleware around every generation, outermost first. */
  readonly layers?: readonly GenerationLayer[]
  /** Screens prompts and watches output; the caller closes its audit log. Absent: no guard. */
  readonly guard?: Guarding
  readonly telemetry?: Telemetry
  /** The JSON for GET /decisions: replica counts per model and the reasons. Absent: `replicas_fixed`. */
  readonly decisions?: () => unknown
  /** Administrative operations, served under /hadal/. */
  readonly operations?: Operations
  /** Folder of the web console served at /. Absent: no console. */
  readonly consoleFolder?: string
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Options that can change while a server runs; omitted ones keep their values. */
export interface ServerChange extends LiveServerOptions {
  /** Replaces all models except engines passed in: identical objects are kept, others are drained. */
  readonly models?: readonly ModelSource[]
  readonly room?: Room
  readonly anyModelName?: boolean
  /** Also applies a new policy on the same object; null disables the guard. */
  readonly guard?: Guarding | null
}

export interface HadalServer extends AsyncDisposable {
  /** Defaults to 127.0.0.1 and a free port. Throws `port_in_use`, `listen_failed` or `keyless_listen`. */
  listen(at?: { readonly host?: string; readonly port?: number }): Promise<Address>
  /** The admin port, for a server with `separateAdmin`. Throws as `listen`. */
  listenForAdmins(at?: { readonly host?: string; readonly port?: number }): Promise<Address>
  /** Sends a request without a socket. */
  readonly inject: FastifyInstance['inject']
  /** Takes effect from the next request. Throws `keyless_listen`, in which case nothing has changed. */
  change(change: ServerChange): void
  /** Resolves when the preloaded models are loaded or have failed. */
  loaded(): Promise<void>
  /**
   * New generations get 503 and /ready fails. Running ones may finish within `timeoutMillis` and then end with `server_draining`; then the
   * server closes.
   */
  drain(timeoutMillis: number): Promise<void>
  /** Closes immediately: running generations are cancelled. */
  close(): Promise<void>
}

/** Time to flush the final events of streams that outlast a drain. */
const farewellMillis = 1_000
const localhost = '127.0.0.1'

export function createServer(options: ServerOptions): HadalServer {
  const { engines = [], layers = [], logger = silentLogger, clock = systemClock } = options
  const telemetry = options.telemetry ?? createTelemetry({ clock })
  const live = new LiveOptions(options)
  const llamaServerMetrics = new LlamaServerMetrics()
  const inferences = new InferenceStatistics(clock)
  const given = engines.map((engine) => givenModel(engine, engines.length === 1 ? options.modelNames : {}))
  const models: ServedModels = new ServedModels([...given, ...(options.models ?? [])], {
    room: options.room ?? {},
    anyName: options.modelNames?.any ?? false,
    telemetry,
    logger,
    clock,
    onReady: (engine) => {
      profiler.ready(engine)
      return [
        steps.ready(engine),
        engine.onStep((report) => {
          llamaServerMetrics.step(report)
          inferences.step(engine.model.id, report)
        }),
      ]
    },
  })
  const inFlight = new InFlight()
  const { accounts, clientWeights = {} } = options
  const gate = accounts && accountGate(accounts, { defaults: live.defaults, clientWeights })
  const asksForKeys = ({ apiKeys }: SettledOptions): boolean => apiKeys.length > 0 || gate !== undefined
  const guard = new RequestGuard(options.guard, {
    asksForKeys: () => asksForKeys(live.now),
    telemetry,
    clock,
    logger,
  })
  const observed = observability({ logger, clock, ...options.observe })
  const profiler = new Profiler({
    clock,
    requests: observed.requests,
    engines: () => models.directory.loaded,
    modelOf: (name) => models.directory.called(name),
  })
  const names = new RequestNames(() => observed.requests.open)
  const steps: StepFeed = new StepFeed({ clock, engines: () => models.directory.loaded, names })
  const pulse = new LivePulse({
    clock,
    models: models.directory,
    api: options.operations?.live,
    names,
    withTexts: options.observe?.logPrompts === true,
  })
  const generate = layers.reduceRight(
    (next, layer) => layer(next),
    llamaServerMetrics.layer(withDefaults(live.defaults)(runOnEngine(telemetry))),
  )

  const app = createHttpApp({
    ...live.now,
    settings: () => live.now,
    tls: options.tls,
    separateAdmin: options.separateAdmin ?? false,
    identify: gate?.identify,
    observe: observed.attach,
    telemetry,
    clock,
    logger,
  })
  observed.routes(app)
  allRoutes(app, {
    models: models.directory,
    live,
    generate,
    reasoning: new ReasoningMemory(),
    inFlight,
    gate,
    guard,
    llamaServerMetrics,
    inferences,
    profiler,
    telemetry,
    decisions: options.decisions,
    operations: options.operations ?? {},
    consoleFolder: options.consoleFolder,
    clock,
    logger,
  })
  liveRoutes(app, { pulse, steps, requests: observed.requests, clock })

  const hosts = new Set<string>()
  const adminHosts = new Set<string>()
  const checkKeys = (next: SettledOptions): void => {
    for (const host of hosts)
      refuseKeyless(host, { asksForKeys: asksForKeys(next), allowKeyless: next.allowKeyless })
    for (const host of adminHosts) refuseKeylessAdmin(host, next.adminKeys)
  }
  const close = async (): Promise<void> => {
    inFlight.abortAll()
    await app.close()
    await models[Symbol.asyncDispose]()
    guard[Symbol.dispose]()
  }
  const idleWithin = async (millis: number): Promise<void> => {
    const waiting = new AbortController()
    await Promise.race([inFlight.drain(), clock.sleep(millis, waiting.signal)])
    waiting.abort()
  }

  return {
    async listen({ host = localhost, port = 0 } = {}) {
      refuseKeyless(host, { asksForKeys: asksForKeys(live.now), allowKeyless: live.now.allowKeyless })
      const address = await listen(app, host, port)
      hosts.add(host)
      if (!asksForKeys(live.now) && reachesOthers(host))
        logger.warn(`${address.url} can be reached from other machines and asks for no API key`)
      return address
    },
    async listenForAdmins({ host = localhost, port = 0 } = {}) {
      refuseKeylessAdmin(host, live.now.adminKeys)
      const address = await adminListenerOf(app)!.listen(host, port)
      adminHosts.add(host)
      return address
    },
    inject: app.inject.bind(app) as FastifyInstance['inject'],
    change({ models: sources, room, anyModelName, guard: guarding, ...changed }) {
      live.change(changed, checkKeys)
      if (guarding !== undefined) guard.change(guarding ?? undefined)
      if (room !== undefined) models.directory.host.limit(room)
      if (anyModelName !== undefined) models.directory.anyName = anyModelName
      if (sources !== undefined)
        models
          .replace([...given, ...sources])
          .catch((error: unknown) => logger.error('a model that is gone did not end well', { error }))
    },
    loaded: () => models.directory.host.settled(),
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
