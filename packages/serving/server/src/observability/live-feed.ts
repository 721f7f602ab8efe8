/**
 * GET /hadal/timeline for administrators: recent requests as JSON, or these and all following ones as server-sent events. A slow reader is
 * dropped and never delays a request.
 */

import type { Clock } from '@hadal/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EventStream, wantsEvents } from '../answer/event-stream.ts'
import { invalidField } from '../field-issues.ts'
import { feedFull } from './errors.ts'
import type { TimelineFeed } from './timeline-feed.ts'

export const timelinePath = '/hadal/timeline'

/** Number of recent requests kept. */
export const recentRequests = 256

const maxReaders = 16

export function liveFeedRoute(app: FastifyInstance, feed: TimelineFeed, clock: Clock): void {
  app.get(timelinePath, async (request, reply) => {
    const recent = recentOf(request)
    if (!wantsEvents(request)) return { requests: feed.recent(recent ?? recentRequests) }
    return follow(reply, feed, recent ?? 0, clock)
  })
}

function follow(reply: FastifyReply, feed: TimelineFeed, recent: number, clock: Clock): undefined {
  if (feed.watchers >= maxReaders) throw feedFull(maxReaders)
  const stream = new EventStream(reply, {
    clock,
    about: 'the timelines of requests',
    onEnd: () => watch[Symbol.dispose](),
  })
  for (const timeline of feed.recent(recent)) stream.send('ended', timeline)
  const watch = feed.watch(({ type, ...data }) => stream.send(type, data))
  return undefined
}

/** Number of recent requests to return. */
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
