/** GET and POST /hadal/keys, PATCH and DELETE /hadal/keys/:id, GET /hadal/usage. A secret is returned once, when the key is created. */

import { keyChangeSchema, keyCreateSchema, parse, type UsageGroup, usageGroups } from '@hadal/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalidField } from '../../field-issues.ts'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { KeysApi, UsageQuestion } from './api.ts'

const needsDatabase =
  'Name one: `database: "accounts.sqlite"` in hadal.config.ts, --database, or HADAL_DATABASE. Then `hadal keys create NAME` makes the first key.'

export function keyRoutes(
  app: FastifyInstance,
  { operations, accepting }: Pick<OperationsContext, 'operations' | 'accepting'>,
): void {
  const api = (): KeysApi => {
    if (operations.keys === undefined) throw operationUnavailable('database of keys', needsDatabase)
    return operations.keys
  }
  app.get('/hadal/keys', async () => api().list())
  app.post('/hadal/keys', async (request, reply) => {
    const made = await api().create(accepting(reply)(parse(keyCreateSchema, request.body)))
    return reply.code(201).send(made)
  })
  app.patch('/hadal/keys/:id', async (request, reply) => {
    const changes = accepting(reply)(parse(keyChangeSchema, request.body))
    if (Object.keys(changes).length === 0) throw invalidField('', 'must name a limit to change')
    return api().limit(idOf(request), changes)
  })
  app.delete('/hadal/keys/:id', async (request) => api().revoke(idOf(request)))
  app.get('/hadal/usage', async (request) => api().usage(questionOf(request)))
}

const idOf = ({ params }: FastifyRequest): string => (params as { readonly id: string }).id

/** Throws `invalid_request`. */
function questionOf({ query }: FastifyRequest): UsageQuestion {
  for (const [name, value] of Object.entries(query as object))
    if (typeof value !== 'string') throw invalidField(name, 'must be given once')
  const { by = 'key', month, key } = query as Readonly<Record<string, string | undefined>>
  if (!usageGroups.includes(by as UsageGroup))
    throw invalidField('by', `must be one of ${usageGroups.join(', ')}, got ${JSON.stringify(by)}`)
  if (month !== undefined && !/^[2-9]\d{3}-(0[1-9]|1[0-2])$/.test(month))
    throw invalidField('month', `must be a month such as 2026-11, got ${JSON.stringify(month)}`)
  return {
    by: by as UsageGroup,
    ...(month !== undefined && { month }),
    ...(key !== undefined && { key }),
  }
}
