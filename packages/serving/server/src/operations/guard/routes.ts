/**
 * GET /hadal/guard, POST /hadal/guard/check; reviews and learned patterns: GET and POST /hadal/guard/reviews, GET /hadal/guard/learnt, and
 * DELETE of one of either. A verdict named in a review is looked up in the audit log here.
 */

import { type GuardVerdictRecord, guardCheckSchema, guardReviewSchema, parse } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { invalidField } from '../../field-issues.ts'
import { guardAuditOff } from '../../guard/errors.ts'
import type { RequestGuard } from '../../guard/request-guard.ts'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { GuardApi } from './api.ts'
import { guardLearntUnknown, guardReviewUnknown, guardVerdictUnknown } from './errors.ts'

interface One {
  readonly Params: { readonly id: string }
}

export interface GuardOperationsContext extends Pick<OperationsContext, 'operations' | 'accepting'> {
  readonly guard: RequestGuard
}

export function guardOperationRoutes(
  app: FastifyInstance,
  { operations, accepting, guard }: GuardOperationsContext,
): void {
  const api = (): GuardApi => {
    if (operations.guard !== undefined) return operations.guard
    throw operationUnavailable(
      'place to try and review the guard',
      '`hadal serve` has it; a server of `createServer` is given it as `operations.guard`.',
    )
  }
  /** Throws `guard_audit_off`, `guard_verdict_unknown`. */
  const verdict = async (id: number): Promise<GuardVerdictRecord> => {
    const { audit } = guard.now ?? {}
    if (audit === undefined) throw guardAuditOff()
    const [newest] = (await audit.read({ before: id + 1, limit: 1 })) as readonly GuardVerdictRecord[]
    if (newest?.id !== id) throw guardVerdictUnknown(id)
    return newest
  }

  app.get('/hadal/guard', async () => api().facts())

  app.post('/hadal/guard/check', async (request, reply) => {
    const stop = new AbortController()
    reply.raw.once('close', () => stop.abort())
    return api().check(accepting(reply)(parse(guardCheckSchema, request.body)), stop.signal)
  })

  app.get('/hadal/guard/reviews', async () => ({ reviews: await api().reviews() }))

  app.post('/hadal/guard/reviews', async (request, reply) => {
    const given = accepting(reply)(parse(guardReviewSchema, request.body))
    if (given.record === undefined && given.text === undefined)
      throw invalidField('text', 'must be given where no record is')
    const record = given.record === undefined ? undefined : await verdict(given.record)
    return reply.code(201).send(await api().review(given, record))
  })

  app.delete<One>('/hadal/guard/reviews/:id', async ({ params: { id } }) => {
    if (!(await api().forgetReview(id))) throw guardReviewUnknown(id)
    return { forgotten: id }
  })

  app.get('/hadal/guard/learnt', async () => ({ learnt: await api().learnt() }))

  app.delete<One>('/hadal/guard/learnt/:id', async ({ params: { id } }) => {
    if (!(await api().forgetLearnt(id))) throw guardLearntUnknown(id)
    return { forgotten: id }
  })
}
