/**
 * GET /hadal/tune and POST /hadal/tune/apply: reads the settings that `hadal tune` changes, and writes new values to the config file.
 * Tuning itself is a job.
 */

import { parse, type TuneApplied, type TuneStatus, tuneApplySchema } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { TuneApi } from './api.ts'

export function tuneRoutes(app: FastifyInstance, { operations, accepting }: OperationsContext): void {
  const api = (): TuneApi => {
    if (operations.tune === undefined)
      throw operationUnavailable('tuning', 'Start it with `hadal serve`, which knows its config file.')
    return operations.tune
  }

  app.get('/hadal/tune', async (): Promise<TuneStatus> => api().status())

  app.post('/hadal/tune/apply', async (request, reply): Promise<TuneApplied> => {
    const tune = api()
    return tune.apply(accepting(reply)(parse(tuneApplySchema, request.body)))
  })
}
