/**
 * GET /hadal/live: server state as JSON, or each second as server-sent events, optionally with steps and requests in the same stream,
 * because browsers allow six connections per server. GET /hadal/steps: engine steps, always as events. Admin only.
 */

import type { Clock } from '@hadal/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EventStream, wantsEvents } from '../answer/event-stream.ts'
import { invalidField } from '../field-issues.ts'
import { feedFull } from '../observability/errors.ts'
import type { TimelineFeed } from '../observability/timeline-feed.ts'
import type { LivePulse } from './live-pulse.ts'
import type { StepFeed } from './step-feed.ts'

const maxReaders = 16
/** Number of past requests sent to a new reader. */
const recentRequests = 60

export interface LiveRoutesContext {
  readonly pulse: LivePulse
  readonly steps: StepFeed
  readonly requests: Pick<TimelineFeed, 'recent' | 'watch'>
  readonly clock: Clock
}

export function liveRoutes(app: FastifyInstance, { pulse, steps, requests, clock }: LiveRoutesContext): void {
  const open = (
    reply: FastifyReply,
    about: string,
    read: (stream: EventStream) => readonly Disposable[],
  ): undefined => {
    const stream = new EventStream(reply, {
      clock,
      about,
      onEnd: () => {
        for (const reading of readings) reading[Symbol.dispose]()
      },
    })
    const readings = read(stream)
    return undefined
  }
  const readSteps = (stream: EventStream): Disposable => steps.read((json) => stream.sendJson('steps', json))
  const readRequests = (stream: EventStream): Disposable => {
    for (const timeline of requests.recent(recentRequests)) stream.send('ended', timeline)
    return requests.watch(({ type, ...data }) => stream.send(type, data))
  }

  app.get('/hadal/live', async (request, reply) => {
    const wanted = wantedOf(request)
    if (!wantsEvents(request)) return pulse.state()
    if (pulse.readers >= maxReaders) throw feedFull(maxReaders)
    return open(reply, 'how the server stands', (stream) => [
      pulse.read((json) => stream.sendJson('live', json)),
      ...(wanted.has('steps') ? [readSteps(stream)] : []),
      ...(wanted.has('requests') ? [readRequests(stream)] : []),
    ])
  })

  app.get('/hadal/steps', async (_, reply) => {
    if (steps.readers >= maxReaders) throw feedFull(maxReaders)
    return open(reply, 'what engines compute', (stream) => [readSteps(stream)])
  })
}

type Wanted = 'steps' | 'requests'

/** Optional content in addition to server state. */
function wantedOf({ query }: FastifyRequest): ReadonlySet<Wanted> {
  const { with: given } = query as Readonly<Record<string, unknown>>
  if (given === undefined) return new Set()
  const names = typeof given === 'string' ? given.split(',') : []
  if (names.length === 0 || names.some((name) => name !== 'steps' && name !== 'requests'))
    throw invalidField('with', `must be steps, requests or steps,requests, got ${JSON.stringify(given)}`)
  return new Set(names as Wanted[])
}
