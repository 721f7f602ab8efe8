/**
 * GET /hadal/deploy, GET /hadal/deploy/file, GET /hadal/deploy/diff, POST /hadal/deploy/lint. A requested path is looked up among the
 * rendered files, never on disk.
 */

import {
  deployDiffQuerySchema,
  deployFileQuerySchema,
  deployQuerySchema,
  lintRequestSchema,
  parse,
} from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { DeployApi } from './api.ts'
import { deployFileUnknown } from './errors.ts'

export function deployRoutes(app: FastifyInstance, { operations, accepting }: OperationsContext): void {
  const api = (): DeployApi => {
    if (operations.deploy !== undefined) return operations.deploy
    throw operationUnavailable('deployment', 'Start it with `hadal serve`, which reads a config file.')
  }

  app.get('/hadal/deploy', async ({ query }, reply) =>
    api().describe(accepting(reply)(parse(deployQuerySchema, query))),
  )

  app.get('/hadal/deploy/file', async ({ query }, reply) => {
    const requested = accepting(reply)(parse(deployFileQuerySchema, query))
    const found = await api().file(requested)
    if (found === undefined) throw deployFileUnknown(requested.path)
    return found
  })

  app.get('/hadal/deploy/diff', async ({ query }, reply) =>
    api().diff(accepting(reply)(parse(deployDiffQuerySchema, query))),
  )

  app.post('/hadal/deploy/lint', async ({ body }, reply) =>
    api().lint(accepting(reply)(parse(lintRequestSchema, body))),
  )
}
