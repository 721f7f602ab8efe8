/** POST /hadal/profile (admin): records the server for a while and returns a trace for Perfetto, chrome://tracing and `hadal profile`. */

import { parse, profileRequestSchema } from '@hadal/protocol'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { clientGone, serverDraining } from '../errors.ts'
import { invalidField } from '../field-issues.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { ModelDirectory } from '../model-directory.ts'
import type { RouteContext } from '../route-context.ts'
import type { Profiler } from './profiler.ts'

const defaultSeconds = 10

export interface ProfileRouteContext {
  readonly profiler: Profiler
  readonly limits: Pick<ServerLimits, 'maxProfileMillis'>
}

export function profileRoute(
  app: FastifyInstance,
  { models, accepting }: RouteContext,
  { profiler, limits }: ProfileRouteContext,
): void {
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort(serverDraining()))
  app.post('/hadal/profile', async (request, reply) => {
    const most = limits.maxProfileMillis / 1000
    const body = accepting(reply)(parse(profileRequestSchema, request.body ?? {}))
    const { seconds = Math.min(defaultSeconds, most), model: name } = body
    if (seconds > most) throw invalidField('seconds', `must be at most ${most}, got ${seconds}`)
    const model = name === undefined ? undefined : modelOf(models, name)
    const wish = { millis: seconds * 1000, ...(model !== undefined && { model }) }
    const recorded = await profiler.record(wish, AbortSignal.any([closing.signal, whenGone(reply)]))
    // Loaded lazily, because most servers are never profiled.
    const [{ writeChromeTrace }, { serverTrace }] = await Promise.all([
      import('@hadal/profiling'),
      import('./server-trace.ts'),
    ])
    return reply.type('application/json; charset=utf-8').send(writeChromeTrace(serverTrace(recorded)))
  })
}

/** Throws `model_not_found`. */
function modelOf(models: ModelDirectory, name: string): string {
  return models.upstream(name)?.id ?? models.hostedAs(name).id ?? models.called(name)
}

/** Aborted when the client disconnects. */
function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort(clientGone()))
  return gone.signal
}
