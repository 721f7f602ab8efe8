/**
 * An OpenAI-compatible HTTP server over engines and over other servers. It loads and unloads the models it is told how to
 * open; engines and upstreams that it is given are their maker's, who disposes of them after the server.
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
import type { Operations } from './operations/operations.ts'
import { Profiler } from './profile/profiler.ts'
import { ReasoningMemory } from './reasoning-memory.ts'
import { withDefaults } from './request-defaults.ts'
import { runOnEngine } from './run-on-engine.ts'

export interface ServerOptions extends LiveServerOptions, Pick<HttpAppOptions, 'tls' | 'separateAdmin'> {
  /** Of models that the caller started and closes. They may still be starting: requests wait, and /ready says no until they are. */
  readonly engines?: readonly Engine[]
  /** Models that are loaded when they are asked for, and those that live in other servers. */
  readonly models?: readonly ModelSource[]
  /** For the models that are loaded here. */
  readonly room?: Room
  /** What clients may call the only model beside its id, and what is said of it. */
  readonly modelNames?: ModelNames & {
    /** Every name means it. */
    readonly any?: boolean
  }
  /** Keys with limits, beside `apiKeys`; the caller closes them. */
  readonly accounts?: Accounts
  /** Shares of clients that engines look up, by the names that keys are told apart by: those of accounts are added. */
  readonly clientWeights?: Record<string, number>
  /** What is told of requests, and to whom. */
  readonly observe?: Omit<ObservabilityOptions, 'logger' | 'clock'>
  /** Around every generation, the first one outermost. */
  readonly layers?: readonly GenerationLayer[]
  /** Screens what is asked and watches what is answered; the caller closes its audit. Absent: nothing is. */
  readonly guard?: Guarding
  readonly telemetry?: Telemetry
  /** What GET /decisions answers, as JSON: how many replicas of each model there are, and why. Absent: `replicas_fixed`. */
  readonly decisions?: () => unknown
  /** What administrators may do beside serving: routes under /hadal/. */
  readonly operations?: Operations
  /** The folder of the web page that is served at /. Absent: there is none. */
  readonly consoleFolder?: string
  readonly logger?: Logger
  readonly clock?: Clock
}

/** What may change while a server runs; what is not named stays. */
export interface ServerChange extends LiveServerOptions {
  /** Instead of those there are, but for engines that were given: the same object stays, others finish what they have. */
  readonly models?: readonly ModelSource[]
  readonly room?: Room
  readonly anyModelName?: boolean
  /** Also the same one where its policy is another; null: none. */
  readonly guard?: Guarding | null
}

export interface HadalServer extends AsyncDisposable {
  /** 127.0.0.1 and a free port by default. Throws `port_in_use`, `listen_failed` or `keyless_listen`. */
  listen(at?: { readonly host?: string; readonly port?: number }): Promise<Address>
  /** The port of administrators, of a server with `separateAdmin`. Throws as `listen`. */
  listenForAdmins(at?: { readonly host?: string; readonly port?: number }): Promise<Address>
  /** A request without a socket. */
  readonly inject: FastifyInstance['inject']
  /** From the next request on. Throws `keyless_listen`, and then nothing has changed. */
  change(change: ServerChange): void
  /** When the models that are to be there from the start are loaded, or could not be. */
  loaded(): Promise<void>
  /**
   * New generations get 503 and /ready says no; running ones may finish within `timeoutMillis` and are ended with
   * `server_draining` after it; then the server closes.
   */
  drain(timeoutMillis: number): Promise<void>
  /** At once: running generations are cancelled. */
  close(): Promise<void>
}

/** For the last words of streams that outlast a drain. */
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
    door: options.operations?.live,
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
