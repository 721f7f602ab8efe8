/** POST /hadal/explain. */

import { explainRequestSchema, parse } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'

export function doctorRoutes(app: FastifyInstance, { operations, accepting }: OperationsContext): void {
  app.post('/hadal/explain', async ({ body }, reply) => {
    const given = accepting(reply)(parse(explainRequestSchema, body))
    if (operations.doctor === undefined)
      throw operationUnavailable(
        'doctor',
        'Start it with `hadal serve`, or type `hadal doctor explain FILE`.',
      )
    return operations.doctor.explain(given)
  })
}
