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
import type { DeployDoor } from './door.ts'
import { deployFileUnknown } from './errors.ts'

export function deployRoutes(app: FastifyInstance, { operations, accepting }: OperationsContext): void {
  const door = (): DeployDoor => {
    if (operations.deploy !== undefined) return operations.deploy
    throw operationUnavailable('deployment', 'Start it with `hadal serve`, which reads a config file.')
  }

  app.get('/hadal/deploy', async ({ query }, reply) =>
    door().describe(accepting(reply)(parse(deployQuerySchema, query))),
  )

  app.get('/hadal/deploy/file', async ({ query }, reply) => {
    const asked = accepting(reply)(parse(deployFileQuerySchema, query))
    const found = await door().file(asked)
    if (found === undefined) throw deployFileUnknown(asked.path)
    return found
  })

  app.get('/hadal/deploy/diff', async ({ query }, reply) =>
    door().diff(accepting(reply)(parse(deployDiffQuerySchema, query))),
  )

  app.post('/hadal/deploy/lint', async ({ body }, reply) =>
    door().lint(accepting(reply)(parse(lintRequestSchema, body))),
  )
}
