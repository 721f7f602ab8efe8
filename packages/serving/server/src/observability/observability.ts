/**
 * Records requests as access log lines, timelines and spans. Follows each request from its first hook to the close of its connection; other
 * code adds to `request.record`.
 */

import type { Clock, Logger } from '@hadal/base'
import { type TraceHeaders, type Tracing, traceHeadersOf } from '@hadal/telemetry'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asHadalError } from '../answer/error-answer.ts'
import { clientOf } from '../api-keys.ts'
import { type AccessLogOptions, accessLog } from './access-log.ts'
import { liveFeedRoute, recentRequests } from './live-feed.ts'
import { RequestRecord } from './request-record.ts'
import { timelineOf, timelineText } from './request-timeline.ts'
import { spanOf } from './span-of.ts'
import { TimelineFeed } from './timeline-feed.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for requests that never reached a hook. */
    record: RequestRecord | null
  }
}

export interface ObservabilityOptions {
  readonly logger: Logger
  readonly clock: Clock
  readonly accessLog?: AccessLogOptions['format']
  /** Receives JSON access log lines without the line break. */
  readonly writeAccessLine?: AccessLogOptions['write']
  /** Includes prompts in JSON access lines and spans. */
  readonly logPrompts?: boolean
  readonly tracing?: Tracing | undefined
}

export interface Observability {
  /** Registered before all other hooks, to see rejected requests. */
  attach(app: FastifyInstance): void
  /** Requests that use a model. */
  readonly requests: Pick<TimelineFeed, 'open' | 'follow' | 'recent' | 'watch'>
  /** Registers GET /hadal/timeline. */
  routes(app: FastifyInstance): void
}

/** Requests a timeline, and carries it in the response. */
export const timelineHeader = 'x-hadal-timeline'

export function observability(options: ObservabilityOptions): Observability {
  const { logger, clock, tracing, logPrompts = false } = options
  const feed = new TimelineFeed(recentRequests)
  const log = accessLog({
    format: options.accessLog ?? 'text',
    logger,
    write: options.writeAccessLine ?? (() => {}),
  })

  const begin = (request: FastifyRequest): RequestRecord => {
    const { id, method, headers } = request
    const route = request.routeOptions.url ?? 'none'
    const [path] = request.url.split('?', 1)
    const arrivedWall = clock.wallClock()
    const given = traceHeadersOf(headers)
    // Only requests that can use a model get a span.
    const span = method === 'POST' ? tracing?.begin(`${method} ${route}`, arrivedWall, given) : undefined
    const wantsTimeline = headers[timelineHeader] === '1' || headers[timelineHeader] === 'true'
    const start = {
      clock,
      id,
      method,
      route,
      path: path!,
      arrivedAt: clock.now(),
      arrivedWall,
      wantsTimeline,
      isFollowed: wantsTimeline || span?.isRecorded === true || feed.watchers > 0,
      keepsTexts: logPrompts,
      span,
      trace: span?.headers ?? given,
    }
    return new RequestRecord(start, (record) => feed.began(record))
  }

  const end = (record: RequestRecord, request: FastifyRequest, status: number): void => {
    record.end(status)
    // A rejected key might be another service's password, so it is not recorded.
    if (status !== 401) record.client ??= nameOf(clientOf(request.headers))
    log(record)
    record.start.span?.end(spanOf(record, request.body))
    record.forgetTexts()
    feed.ended(record)
  }

  return {
    attach(app) {
      app.decorateRequest('record', null)
      app.addHook('onRequest', (request, reply, next) => {
        const record = begin(request)
        request.record = record
        reply.raw.once('close', () =>
          end(record, request, reply.raw.writableEnded ? reply.raw.statusCode : 499),
        )
        next()
      })
      app.addHook('onError', (request, _, error, next) => {
        request.record?.failed(asHadalError(error, { requestId: request.id, maxBodyBytes: 0 }).code)
        next()
      })
      app.addHook('onSend', (request, reply, payload, next) => {
        const { record } = request
        if (record?.start.wantsTimeline === true && record.requested !== undefined)
          reply.header(timelineHeader, timelineText(timelineOf(record, clock.now())))
        next(null, payload)
      })
    },
    requests: feed,
    routes: (app) => liveFeedRoute(app, feed, clock),
  }
}

/** The timeline at the end of a stream, if requested: a comment, which other clients ignore. */
export function timelineComment({ request: { record } }: FastifyReply): string {
  if (record?.start.wantsTimeline !== true) return ''
  return `: ${timelineHeader} ${timelineText(timelineOf(record, record.start.clock.now()))}\n\n`
}

/** Trace headers for upstream requests: continues the client's trace, through our span if there is one. */
export const outgoingTrace = ({ record }: FastifyRequest): TraceHeaders | undefined => record?.start.trace

/** A digest prefix long enough to distinguish clients in a log. */
const nameOf = (client: string): string | undefined =>
  client === '' ? undefined : client.slice(0, 12).replaceAll('+', '-').replaceAll('/', '_')
