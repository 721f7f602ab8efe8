/**
 * Admin API of the guard: GET /hadal/guard/verdicts, recent verdicts and reasons; GET /hadal/guard/locked, locked-out clients; POST
 * /hadal/guard/unlock.
 */

import type { Clock } from '@hadal/base'
import { type Action, actions, type Verdict } from '@hadal/guard'
import { guardUnlockSchema, parse } from '@hadal/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalidField } from '../field-issues.ts'
import type { RouteContext } from '../route-context.ts'
import { guardAuditOff } from './errors.ts'
import type { RequestGuard } from './request-guard.ts'
import type { GuardAuditQuery } from './server-guard.ts'

const most = 1000

export function guardRoutes(
  app: FastifyInstance,
  { accepting }: Pick<RouteContext, 'accepting'>,
  guard: RequestGuard,
  clock: Clock,
): void {
  app.get('/hadal/guard/verdicts', async (request) => {
    const audit = guard.now?.audit
    if (audit === undefined) throw guardAuditOff()
    return { verdicts: await audit.read(queryOf(request)) }
  })

  app.get('/hadal/guard/locked', async () => {
    const locked = guard.now?.guard.budget?.locked(clock.now()) ?? []
    return {
      locked: locked.map(({ caller, forMillis }) => ({ caller, seconds: Math.ceil(forMillis / 1000) })),
    }
  })

  app.post('/hadal/guard/unlock', async (request, reply) => {
    const { caller } = accepting(reply)(parse(guardUnlockSchema, request.body))
    return { unlocked: guard.now?.guard.budget?.unlock(caller) ?? false }
  })
}

/** Throws `invalid_request`. */
function queryOf({ query }: FastifyRequest): GuardAuditQuery {
  for (const [name, value] of Object.entries(query as object))
    if (typeof value !== 'string') throw invalidField(name, 'must be given once')
  const requested = query as Readonly<Record<string, string | undefined>>
  const { since, until, action, key, layer, request, before, limit = '100' } = requested
  if (action !== undefined && action !== 'allow' && !actions.includes(action as Action))
    throw invalidField('action', `must be one of allow, ${actions.join(', ')}, got ${JSON.stringify(action)}`)
  if (!/^\d{1,4}$/.test(limit) || Number(limit) > most)
    throw invalidField('limit', `must be a whole number up to ${most}, got ${JSON.stringify(limit)}`)
  return {
    ...(since !== undefined && { since: instant('since', since) }),
    ...(until !== undefined && { until: instant('until', until) }),
    ...(action !== undefined && { action: action as Verdict['action'] }),
    ...(key !== undefined && { key }),
    ...(layer !== undefined && { layer }),
    ...(request !== undefined && { requestId: request }),
    ...(before !== undefined && { before: whole('before', before) }),
    limit: Number(limit),
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw invalidField(name, `must be a whole number, got ${JSON.stringify(text)}`)
}

/** Unix milliseconds, or a date string that JavaScript parses. */
function instant(name: string, text: string): number {
  const millis = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(millis)) throw invalidField(name, `must be a time, got ${JSON.stringify(text)}`)
  return millis
}
