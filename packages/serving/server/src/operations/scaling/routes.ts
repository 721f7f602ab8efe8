/** GET /hadal/scaling. */

import { parse, scalingQuerySchema } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'

export function scalingRoutes(app: FastifyInstance, { operations, accepting }: OperationsContext): void {
  app.get('/hadal/scaling', async ({ query }, reply) => {
    if (operations.scaling === undefined)
      throw operationUnavailable(
        'scaler',
        'Start it with `hadal serve`: GET /decisions has those of this server’s own replicas.',
      )
    return operations.scaling.look(accepting(reply)(parse(scalingQuerySchema, query)))
  })
}
