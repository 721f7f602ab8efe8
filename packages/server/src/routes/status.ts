/** What operators ask: does the process live, may it get requests, how does it do. */

import type { Telemetry } from '@hadal/telemetry'
import type { FastifyInstance } from 'fastify'
import type { InFlight } from '../in-flight.ts'
import type { ModelDirectory } from '../model-directory.ts'

export function statusRoutes(
  app: FastifyInstance,
  { models, inFlight, telemetry }: { models: ModelDirectory; inFlight: InFlight; telemetry: Telemetry },
): void {
  app.get('/health', async () => ({ status: 'ok' }))

  app.get('/ready', async (_, reply) => {
    const engines = models.engines.map((engine) => engine.snapshot().state)
    if (models.ready && !inFlight.draining) return { status: 'ready', engines }
    reply.code(503).header('retry-after', '1')
    return { status: inFlight.draining ? 'draining' : 'not ready', engines }
  })

  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await telemetry.expose()
    return reply.type(contentType).send(text)
  })
}
