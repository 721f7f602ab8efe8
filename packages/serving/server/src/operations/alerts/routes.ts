/** GET /hadal/alerts, GET /hadal/alerts/:alert/runbook. */

import type { FastifyInstance } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { AlertsApi } from './api.ts'
import { runbookUnknown } from './errors.ts'

export function alertRoutes(app: FastifyInstance, { operations }: OperationsContext): void {
  const api = (): AlertsApi => {
    if (operations.alerts !== undefined) return operations.alerts
    throw operationUnavailable('alert rules', 'Start it with `hadal serve`: rules are made of its config.')
  }

  app.get('/hadal/alerts', async () => api().look())

  app.get<{ Params: { alert: string } }>('/hadal/alerts/:alert/runbook', async ({ params: { alert } }) => {
    const found = await api().runbook(alert)
    if (found === undefined) throw runbookUnknown(alert.slice(0, 100))
    return found
  })
}
