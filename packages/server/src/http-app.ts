/**
 * The Fastify instance before it has routes: bodies, keys, request ids, the access log, and every error in one shape.
 * Knows nothing of models or generations.
 */

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Clock, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { apiKeyCheck } from './api-keys.ts'
import { allowOrigins } from './cors.ts'
import { asHadalError, errorAnswer, errorHeaders, rawErrorAnswer } from './error-answer.ts'
import { routeNotFound } from './errors.ts'
import type { ServerLimits } from './limits.ts'
import { reportError } from './report-error.ts'
import { discardBody, parseJsonBody } from './request-body.ts'

export interface HttpAppOptions {
  readonly limits: ServerLimits
  readonly apiKeys: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

/** Routes that ask for no API key and are not worth a line in the log: they tell operators how the server is. */
const operatorRoutes = ['/health', '/v1/health', '/livez', '/ready', '/metrics']

export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { limits, apiKeys, corsOrigins, telemetry, clock, logger } = options

  const answerError = async (
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const contentType = request.headers['content-type']
    const error = asHadalError(thrown, {
      requestId: request.id,
      maxBodyBytes: limits.maxBodyBytes,
      contentType,
    })
    reportError(error, { requestId: request.id }, options)
    await discardBody(request.raw, reply, clock)
    const writer = request.routeOptions?.config?.errors
    const { status, body } = errorAnswer(error, writer, request.id, request.body)
    await reply.code(status).headers(errorHeaders(error)).send(body)
  }
  /** Connections that never became a request. */
  const clientErrorHandler = (thrown: NodeJS.ErrnoException, socket: Socket): void => {
    if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const error = asHadalError(thrown, { requestId: '', maxBodyBytes: limits.maxBodyBytes })
    reportError(error, {}, options)
    socket.end(rawErrorAnswer(error), () => socket.destroy())
  }

  const app = Fastify({
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMillis,
    forceCloseConnections: true,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    clientErrorHandler,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
    http: {
      // Node swaps the two when the headers' is the longer.
      headersTimeout: Math.min(limits.headersTimeoutMillis, limits.requestTimeoutMillis),
      connectionsCheckingInterval: limits.connectionsCheckMillis,
      // Notices clients whose machine vanished without a word.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    },
  })
  app.server.maxConnections = limits.maxConnections
  app.server.on('drop', () => telemetry.connectionDropped())

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, bytes: Buffer) => parseJsonBody(bytes),
  )
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request) => {
    throw routeNotFound(request.method, request.url)
  })

  app.addHook('onRequest', async (request, reply) => {
    // OpenAI's name for it, and Anthropic's.
    reply.headers({ 'x-request-id': request.id, 'request-id': request.id })
    const startedAt = clock.now()
    reply.raw.once('close', () => {
      const status = reply.raw.writableEnded ? reply.raw.statusCode : 499
      const route = request.routeOptions.url ?? 'none'
      telemetry.httpRequest(route, status)
      const millis = Math.round(clock.now() - startedAt)
      const level = operatorRoutes.includes(route) ? 'debug' : 'info'
      logger[level](`${request.method} ${request.url}`, { status, millis, requestId: request.id })
    })
  })
  if (corsOrigins.length > 0) allowOrigins(app, corsOrigins)
  if (apiKeys.length > 0) {
    const check = apiKeyCheck(apiKeys)
    app.addHook('onRequest', async (request) => {
      // By the route that matched, not by the path, which has many spellings.
      if (!operatorRoutes.includes(request.routeOptions.url ?? '')) check(request.headers)
    })
  }
  return app
}

/** The client's own id where it is a sane one. */
const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\w.:/-]{1,128}$/.test(given) ? given : `req-${randomUUID()}`
