/**
 * GET /hadal/timeline, for operators: the last requests as JSON, or these and all that follow as server-sent events, where the
 * client asks for events. A reader that does not keep up is dropped; it never holds up a request.
 */

import type { Clock } from '@hadal/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { KeepAlive } from '../answer/keep-alive.ts'
import { invalidField } from '../field-faults.ts'
import { feedFull } from './errors.ts'
import type { FeedEvent, TimelineFeed } from './timeline-feed.ts'

export const timelinePath = '/hadal/timeline'

/** The last requests that are remembered. */
export const recentRequests = 256

const mostReaders = 16
/** What waits in this process for one reader. */
const mostWaitingBytes = 1024 * 1024
const keepAliveMillis = 15_000

export function liveFeedRoute(app: FastifyInstance, feed: TimelineFeed, clock: Clock): void {
  app.get(timelinePath, async (request, reply) => {
    const recent = recentOf(request)
    if (!/\btext\/event-stream\b/.test(request.headers.accept ?? ''))
      return { requests: feed.recent(recent ?? recentRequests) }
    return follow(reply, feed, recent ?? 0, clock)
  })
}

function follow(reply: FastifyReply, feed: TimelineFeed, recent: number, clock: Clock): undefined {
  if (feed.watchers >= mostReaders) throw feedFull(mostReaders)
  const { raw } = reply
  reply.hijack()
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  // The headers go out now, not with the first request.
  raw.write(': the timelines of requests\n\n')
  for (const timeline of feed.recent(recent)) raw.write(written({ type: 'ended', ...timeline }))
  const silence = new KeepAlive(clock, keepAliveMillis, () => void raw.write(': keep-alive\n\n'))
  const watch = feed.watch((event) => {
    if (raw.destroyed) return
    silence.heard()
    raw.write(written(event))
    if (raw.writableLength > mostWaitingBytes) raw.destroy()
  })
  raw.once('close', () => {
    watch[Symbol.dispose]()
    silence[Symbol.dispose]()
  })
  return undefined
}

/** How many of the last requests are asked for. */
function recentOf({ query }: FastifyRequest): number | undefined {
  const { recent } = query as Readonly<Record<string, unknown>>
  if (recent === undefined) return undefined
  if (typeof recent === 'string' && /^\d{1,3}$/.test(recent) && Number(recent) <= recentRequests)
    return Number(recent)
  throw invalidField(
    'recent',
    `must be a whole number from 0 to ${recentRequests}, got ${JSON.stringify(recent)}`,
  )
}

function written({ type, ...data }: FeedEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}
