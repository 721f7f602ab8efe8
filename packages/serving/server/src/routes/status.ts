/** Status routes for operators: liveness, readiness, model state and metrics. */

import type { Telemetry } from '@hadal/telemetry'
import type { FastifyInstance } from 'fastify'
import { modelLoading, replicasFixed } from '../errors.ts'
import type { InFlight } from '../in-flight.ts'
import { llamaServerErrors } from '../llama-server/error-body.ts'
import type { LlamaServerMetrics } from '../llama-server/metrics.ts'
import type { ModelDirectory } from '../model-directory.ts'

export interface StatusContext {
  readonly models: ModelDirectory
  readonly inFlight: InFlight
  readonly telemetry: Telemetry
  readonly llamaServerMetrics: LlamaServerMetrics
  /** Unix time in seconds. */
  readonly startedAt: number
  readonly decisions: (() => unknown) | undefined
}

export function statusRoutes(
  app: FastifyInstance,
  { models, inFlight, telemetry, llamaServerMetrics, startedAt, decisions }: StatusContext,
): void {
  app.get('/livez', async () => ({ status: 'ok' }))

  for (const path of ['/health', '/v1/health'])
    app.get(path, { config: { errors: llamaServerErrors } }, async () => {
      if (!models.started) throw modelLoading()
      return { status: 'ok' }
    })

  app.get<{ Querystring: { model?: string } }>('/ready', async (request, reply) => {
    const { model } = request.query
    const engines = models.host.models.map(({ engine }) => engine?.snapshot().state ?? 'closed')
    const about = model === undefined ? { engines } : { model }
    if (models.ready(model) && !inFlight.draining) return { status: 'ready', ...about }
    reply.code(503).header('retry-after', '1')
    return { status: inFlight.draining ? 'draining' : 'not ready', ...about }
  })

  app.get('/decisions', async () => {
    if (decisions === undefined) throw replicasFixed()
    return decisions()
  })

  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await telemetry.expose()
    // Header case as in llama-server.
    reply.raw.setHeader('Process-Start-Time-Unix', String(startedAt))
    return reply.type(contentType).send(text + llamaServerMetrics.expose(models))
  })
}
