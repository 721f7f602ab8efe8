/** The routes of administrative operations. */

import type { FastifyInstance } from 'fastify'
import { alertRoutes } from './alerts/routes.ts'
import { deployRoutes } from './deploy/routes.ts'
import { doctorRoutes } from './doctor/routes.ts'
import { guardOperationRoutes } from './guard/routes.ts'
import { jobRoutes } from './jobs/routes.ts'
import { keyRoutes } from './keys/routes.ts'
import type { OperationsContext } from './operations-context.ts'
import { runRoutes } from './runs/routes.ts'
import { scalingRoutes } from './scaling/routes.ts'
import { tuneRoutes } from './tune/routes.ts'

export function operationRoutes(app: FastifyInstance, context: OperationsContext): void {
  const { operations, version } = context
  app.get('/hadal/console', async () => ({ version, operations: Object.keys(operations) }))
  guardOperationRoutes(app, context)
  keyRoutes(app, context)
  jobRoutes(app, context)
  tuneRoutes(app, context)
  deployRoutes(app, context)
  runRoutes(app, context)
  scalingRoutes(app, context)
  alertRoutes(app, context)
  doctorRoutes(app, context)
}
