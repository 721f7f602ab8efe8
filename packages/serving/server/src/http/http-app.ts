/** The Fastify instance without routes: connections, bodies, access control, request ids, access log, and a uniform error format. */

import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, connectionsWithin, descriptorLimit, descriptorsFor, type Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { asHadalError, errorAnswer, errorHeaders, rawErrorAnswer } from '../answer/error-answer.ts'
import { reportError } from '../answer/report-error.ts'
import { routeNotFound } from '../errors.ts'
import { AdminListener } from './admin-listener.ts'
import { BodyBudget, type HeldBody } from './body-budget.ts'
import {
  type AddressTest,
  addressTest,
  type ClientOrigin,
  clientOrigin,
  isLoopback,
} from './client-address.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { allowOrigins } from './cors.ts'
import { admit, type EntranceSettings } from './entrance.ts'
import { framingError } from './framing.ts'
import { tooManyConnections, tooManyHeaders } from './http-errors.ts'
import type { ServerLimits } from './limits.ts'
import { reachesOthers } from './listen.ts'
import { type BodyLimits, discardBody, readJsonBody } from './request-body.ts'
import { isQuietRoute, routeAccess } from './route-access.ts'
import { readTls, type TlsFiles, watchTls } from './tls-files.ts'

/** Settings that can change at runtime. An unchanged list keeps its identity. */
export interface HttpSettings extends Partial<Omit<EntranceSettings, 'asksElsewhere'>> {
  /** Addresses of trusted proxies; see `addressTest`. */
  readonly trustProxy?: readonly string[]
  /** `maxBodyBytes`, `maxBodiesBytes` and `maxConnectionsPerAddress` are live; the others are read once. */
  readonly limits: ServerLimits
}

export interface HttpAppOptions extends HttpSettings {
  /** Read on every request; absent: the static settings apply. */
  readonly settings?: (() => HttpSettings) | undefined
  /** Verifies keys that are in neither `apiKeys` nor `adminKeys`, and missing keys; throws to reject. */
  readonly identify?: ((request: FastifyRequest) => Promise<unknown>) | undefined
  /** Enables HTTPS. Throws `tls_unusable`. */
  readonly tls?: TlsFiles | undefined
  /** Adds hooks before all others, so that it sees rejected requests too; it then replaces the built-in access log. */
  readonly observe?: ((app: FastifyInstance) => void) | undefined
  /** Serves admin routes on a separate port, opened by `listenForAdmins`. */
  readonly separateAdmin?: boolean
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's origin. */
    clientOrigin: ClientOrigin
    heldBody: HeldBody | undefined
  }
  interface FastifyInstance {
    bodyLimits(): BodyLimits
  }
}

/** Disables MIME sniffing, caching and cross-site reading. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
} as const

const none: readonly string[] = []

export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { limits, telemetry, clock, logger, identify, separateAdmin = false } = options
  const now = options.settings ?? (() => options)
  const entrance: EntranceSettings = {
    get apiKeys() {
      return now().apiKeys ?? none
    },
    get adminKeys() {
      return now().adminKeys ?? none
    },
    get corsOrigins() {
      return now().corsOrigins ?? none
    },
    get hostNames() {
      return now().hostNames ?? none
    },
    get privateMetrics() {
      return now().privateMetrics ?? false
    },
    asksElsewhere: identify !== undefined,
  }
  const isTrusted = liveAddressTest(() => now().trustProxy ?? none)

  const answerError = async (
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const contentType = request.headers['content-type']
    const error = asHadalError(thrown, {
      requestId: request.id,
      maxBodyBytes: now().limits.maxBodyBytes,
      contentType,
    })
    reportError(error, { requestId: request.id }, options)
    await discardBody(request.raw, reply, clock)
    const writer = request.routeOptions?.config?.errors
    const { status, body } = errorAnswer(error, writer, request.id, request.body)
    await reply.code(status).headers(errorHeaders(error)).send(body)
  }
  /** Errors on connections before a request was parsed. */
  const clientErrorHandler = (thrown: NodeJS.ErrnoException, socket: Socket): void => {
    // No response is possible before the TLS handshake.
    const isUnanswerable = thrown.code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(thrown.code ?? '')
    if (isUnanswerable || !socket.writable) return void socket.destroy()
    const { maxBodyBytes, maxHeaderBytes } = limits
    const error = asHadalError(thrown, { requestId: '', maxBodyBytes, maxHeaderBytes })
    reportError(error, {}, options)
    socket.end(rawErrorAnswer(error), () => socket.destroy())
  }

  const http = {
    // Node swaps the two if the headers timeout is longer.
    headersTimeout: Math.min(limits.headersTimeoutMillis, limits.requestTimeoutMillis),
    connectionsCheckingInterval: limits.connectionsCheckMillis,
    maxHeaderSize: limits.maxHeaderBytes,
    // Detects peers that vanished without closing.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  }
  const https = options.tls && {
    ...http,
    ...readTls(options.tls),
    handshakeTimeout: limits.headersTimeoutMillis,
  }
  const app: FastifyInstance = Fastify({
    bodyLimit: Number.MAX_SAFE_INTEGER,
    requestTimeout: limits.requestTimeoutMillis,
    forceCloseConnections: true,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    clientErrorHandler,
    // Hooks do not run for these errors.
    frameworkErrors: (error, request, reply) =>
      answerError(error, request, reply.headers({ 'x-request-id': request.id, 'request-id': request.id })),
    ...(https === undefined ? { http } : { https: https as never }),
  })
  const maxConnections = connectionsWithinLimits(limits, logger)
  const connections = new ConnectionLimits({
    max: maxConnections,
    perAddress: () => now().limits.maxConnectionsPerAddress,
    isExempt: (address) => isLoopback(address) || isTrusted(address),
    // Streams have their own, shorter limit, which should fire first.
    stallMillis: 2 * limits.stallTimeoutMillis,
    onDrop: () => telemetry.connectionDropped(),
  })
  const protect = (server: Server): void => {
    // One extra, to detect when the limit is exceeded.
    server.maxHeadersCount = limits.maxHeaders + 1
    connections.protect(server)
  }
  protect(app.server)
  const admin = separateAdmin
    ? new AdminListener(app, { ...http, requestTimeout: limits.requestTimeoutMillis, ...https }, protect)
    : undefined
  if (admin !== undefined) adminListeners.set(app, admin)
  if (options.tls !== undefined) {
    const servers = () => [app.server, ...(admin === undefined ? [] : [admin.server])] as never
    const watching = watchTls({ files: options.tls, servers, logger, clock })
    app.addHook('onClose', async () => watching[Symbol.dispose]())
  }

  const budget = new BodyBudget(() => now().limits.maxBodiesBytes)
  app.decorate('bodyLimits', () => ({ maxBytes: now().limits.maxBodyBytes, budget }))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (request: FastifyRequest) =>
    readJsonBody(request, app.bodyLimits()),
  )
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request) => {
    throw routeNotFound(request.method, request.url)
  })
  app.decorateRequest('clientOrigin')
  app.decorateRequest('heldBody')
  options.observe?.(app)

  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw
    request.clientOrigin = clientOrigin(socket.remoteAddress, request.headers, isTrusted)
    // OpenAI's header name and Anthropic's.
    reply.headers({ ...securityHeaders, 'x-request-id': request.id, 'request-id': request.id })
    connections.begin(reply.raw, socket)
    const startedAt = clock.now()
    reply.raw.once('close', () => {
      connections.end(reply.raw, socket)
      request.heldBody?.release()
      const status = reply.raw.writableEnded ? reply.raw.statusCode : 499
      const route = request.routeOptions.url ?? 'none'
      telemetry.httpRequest(route, status)
      if (options.observe !== undefined) return
      const millis = Math.round(clock.now() - startedAt)
      const level = isQuietRoute(request.method, route) ? 'debug' : 'info'
      logger[level](`${request.method} ${request.url}`, { status, millis, requestId: request.id })
    })
    const count = request.raw.rawHeaders.length / 2
    if (count > limits.maxHeaders) throw tooManyHeaders(count, limits.maxHeaders)
    const ambiguous = framingError(request.raw)
    if (ambiguous !== undefined) {
      reply.header('connection', 'close')
      throw ambiguous
    }
  })
  let isLocal: boolean | undefined
  /** False before the server listens, and for injected requests, which come from the program itself. */
  const listensLocally = (): boolean => {
    if (!app.server.listening) return false
    isLocal ??= !reachesOthers((app.server.address() as AddressInfo).address)
    return isLocal
  }
  allowOrigins(app, () => entrance.corsOrigins)
  app.addHook('onRequest', async (request) => {
    const decision = admit(
      {
        method: request.method,
        // The matched route rather than the path, which has many spellings.
        route: request.routeOptions.url,
        url: request.url,
        headers: request.headers,
        origin: request.clientOrigin,
        listener: admin === undefined ? 'only' : admin.has(request.raw.socket) ? 'admin' : 'main',
        listensLocally: listensLocally(),
      },
      entrance,
    )
    if (decision === 'askElsewhere') await identify!(request)
  })
  app.addHook('preHandler', async (request, reply) => {
    const { socket } = request.raw
    if (connections.serve(reply.raw, socket) || admin?.has(socket)) return
    if (routeAccess(request.method, request.routeOptions.url, entrance) !== 'client') return
    reply.header('connection', 'close')
    throw tooManyConnections(maxConnections).with({ retryAfterSeconds: 1 })
  })
  return app
}

/** At most what the process's limit of open files allows. */
function connectionsWithinLimits({ maxConnections }: ServerLimits, logger: Logger): number {
  const descriptors = descriptorLimit() ?? Number.POSITIVE_INFINITY
  const within = connectionsWithin(descriptors)
  if (within >= maxConnections) return maxConnections
  logger.warn(`connections are limited to ${within}: this process may open ${descriptors} files`, {
    maxConnections,
    needed: descriptorsFor(maxConnections),
  })
  return within
}

const adminListeners = new WeakMap<FastifyInstance, AdminListener>()

/** For a server with `separateAdmin`. */
export const adminListenerOf = (app: FastifyInstance): AdminListener | undefined => adminListeners.get(app)

function liveAddressTest(ranges: () => readonly string[]): AddressTest {
  let known: readonly string[] | undefined
  let test: AddressTest = () => false
  return (address) => {
    const now = ranges()
    if (now !== known) {
      known = now
      test = addressTest(now)
    }
    return test(address)
  }
}

/** Uses the client's id if it is well-formed. */
const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\w.:/-]{1,128}$/.test(given) ? given : `req-${randomUUID()}`
