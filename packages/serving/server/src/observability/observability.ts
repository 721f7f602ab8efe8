/**
 * What a server tells of its requests: an access log, timelines, spans. Follows each request from its first hook to the end
 * of its connection; what else is known of it, others write into `request.record`. Knows no dialect and no engine.
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
    /** Null for what never reached a hook. */
    record: RequestRecord | null
  }
}

export interface ObservabilityOptions {
  readonly logger: Logger
  readonly clock: Clock
  readonly accessLog?: AccessLogOptions['format']
  /** Where JSON lines of the access log go; each without its line break. */
  readonly writeAccessLine?: AccessLogOptions['write']
  /** Prompts stand in JSON access lines and in spans. */
  readonly logPrompts?: boolean
  readonly tracing?: Tracing | undefined
}

export interface Observability {
  /** Before all other hooks: what they refuse is seen, too. */
  attach(app: FastifyInstance): void
  /** The requests that ask a model. */
  readonly requests: Pick<TimelineFeed, 'open' | 'follow' | 'recent' | 'watch'>
  /** GET /hadal/timeline. */
  routes(app: FastifyInstance): void
}

/** Asks for the timeline of a request, and carries it. */
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
    // Only what can ask a model is worth a span.
    const span = method === 'POST' ? tracing?.begin(`${method} ${route}`, arrivedWall, given) : undefined
    const wantsTimeline = headers[timelineHeader] === '1' || headers[timelineHeader] === 'true'
    const beginning = {
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
    return new RequestRecord(beginning, (record) => feed.began(record))
  }

  const end = (record: RequestRecord, request: FastifyRequest, status: number): void => {
    record.end(status)
    // What was no key of ours may be a password of somebody's.
    if (status !== 401) record.client ??= nameOf(clientOf(request.headers))
    log(record)
    record.beginning.span?.end(spanOf(record, request.body))
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
        if (record?.beginning.wantsTimeline === true && record.asked !== undefined)
          reply.header(timelineHeader, timelineText(timelineOf(record, clock.now())))
        next(null, payload)
      })
    },
    requests: feed,
    routes: (app) => liveFeedRoute(app, feed, clock),
  }
}

/** What stands at the end of a stream whose client asked for its timeline: a comment, which other clients skip. */
export function timelineComment({ request: { record } }: FastifyReply): string {
  if (record?.beginning.wantsTimeline !== true) return ''
  return `: ${timelineHeader} ${timelineText(timelineOf(record, record.beginning.clock.now()))}\n\n`
}

/** The headers for whoever is asked on behalf of a request: the client's trace goes on, through our span where there is one. */
export const outgoingTrace = ({ record }: FastifyRequest): TraceHeaders | undefined => record?.beginning.trace

/** Enough of what a key is told apart by to tell clients apart in a log. */
const nameOf = (client: string): string | undefined =>
  client === '' ? undefined : client.slice(0, 12).replaceAll('+', '-').replaceAll('/', '_')
