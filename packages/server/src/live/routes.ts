/**
 * GET /hadal/live, how the server stands: as JSON, or each second as server-sent events; and GET /hadal/steps, what its engines
 * compute, always as events. For administrators.
 */

import type { Clock } from '@hadal/base'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { EventStream, wantsEvents } from '../answer/event-stream.ts'
import { feedFull } from '../observability/errors.ts'
import type { LivePulse } from './live-pulse.ts'
import type { StepFeed } from './step-feed.ts'

const mostReaders = 16

export interface LiveRoutesContext {
  readonly pulse: LivePulse
  readonly steps: StepFeed
  readonly clock: Clock
}

export function liveRoutes(app: FastifyInstance, { pulse, steps, clock }: LiveRoutesContext): void {
  const follow = (
    feed: LivePulse | StepFeed,
    reply: FastifyReply,
    event: string,
    about: string,
  ): undefined => {
    if (feed.readers >= mostReaders) throw feedFull(mostReaders)
    const stream = new EventStream(reply, { clock, about, onEnd: () => reading[Symbol.dispose]() })
    const reading = feed.read((json) => stream.sendJson(event, json))
    return undefined
  }

  app.get('/hadal/live', async (request, reply) => {
    if (!wantsEvents(request)) return pulse.state()
    return follow(pulse, reply, 'live', 'how the server stands')
  })

  app.get('/hadal/steps', async (_, reply) => follow(steps, reply, 'steps', 'what engines compute'))
}
