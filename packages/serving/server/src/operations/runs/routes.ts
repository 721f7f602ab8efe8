/**
 * GET /hadal/runs and below: training runs on this machine. Reports are untrusted pages, so they are opened through a ticket URL, sandboxed
 * without scripts.
 */

import { parse, runMetricsQuerySchema, runReportSchema } from '@hadal/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { RunsApi } from './api.ts'
import {
  runNotFound,
  runProfileMissing,
  runProfileUnreadable,
  runReportNotFound,
  runReportTooLarge,
} from './errors.ts'
import { type ReportName, ReportTickets } from './report-tickets.ts'

/** `sandbox` without flags: no scripts, no forms, no popups, an opaque origin; and only embedded resources load. */
const reportPolicy = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function runRoutes(app: FastifyInstance, { operations, accepting, clock }: OperationsContext): void {
  const tickets = new ReportTickets(clock)
  const api = (): RunsApi => {
    if (operations.runs !== undefined) return operations.runs
    throw operationUnavailable(
      'training runs',
      'Start it with `hadal serve`, which looks where runsDir says.',
    )
  }
  const textOf = async ({ run, path }: ReportName): Promise<string> => {
    const answer = await api().report(run, path)
    if (answer === undefined) throw runReportNotFound()
    if ('maxMebibytes' in answer) throw runReportTooLarge(path, answer.maxMebibytes)
    return answer.text
  }

  app.get('/hadal/runs', async () => api().list())

  app.get('/hadal/runs/:id', async (request) => {
    const id = idOf(request)
    return found(id, await api().detail(id))
  })

  app.get('/hadal/runs/:id/metrics', async (request, reply) => {
    const { after } = accepting(reply)(parse(runMetricsQuerySchema, request.query))
    const id = idOf(request)
    return found(id, await api().metrics(id, after))
  })

  app.get('/hadal/runs/:id/profile', async (request) => {
    const id = idOf(request)
    const answer = found(id, await api().profile(id))
    if ('profile' in answer) return answer.profile
    throw 'isMissing' in answer
      ? runProfileMissing(answer.name)
      : runProfileUnreadable(answer.name, answer.unreadable)
  })

  app.post('/hadal/runs/:id/report', async (request, reply) => {
    const { path } = accepting(reply)(parse(runReportSchema, request.body))
    const report = { run: idOf(request), path }
    await textOf(report)
    return { url: `/reports/${tickets.issue(report)}` }
  })

  app.get('/reports/:ticket', async ({ params }, reply) => {
    const report = tickets.take((params as { readonly ticket: string }).ticket)
    if (report === undefined) throw runReportNotFound()
    const text = await textOf(report)
    return reply
      .headers({
        'content-security-policy': reportPolicy,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(text)
  })
}

const idOf = ({ params }: FastifyRequest): string => (params as { readonly id: string }).id

/** Throws `run_not_found`. */
function found<T>(id: string, run: T | undefined): T {
  if (run === undefined) throw runNotFound(id)
  return run
}
