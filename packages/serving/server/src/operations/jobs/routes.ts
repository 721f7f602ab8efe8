/** POST /hadal/jobs, GET /hadal/jobs, GET and DELETE /hadal/jobs/:id: commands that administrators run from the console. */

import {
  type JobDetail,
  type JobEvent,
  type JobList,
  jobRequestSchema,
  type Parsed,
  parse,
} from '@hadal/protocol'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { EventStream, wantsEvents } from '../../answer/event-stream.ts'
import { feedFull } from '../../observability/errors.ts'
import { operationUnavailable } from '../errors.ts'
import type { OperationsContext } from '../operations-context.ts'
import type { JobsApi } from './api.ts'
import { jobKindUnavailable, jobUnknown } from './errors.ts'

/** Maximum readers of all jobs together. */
const maxReaders = 32

interface OneJob {
  readonly Params: { readonly id: string }
}

export function jobRoutes(app: FastifyInstance, { operations, accepting, clock }: OperationsContext): void {
  let readers = 0
  const api = (): JobsApi => {
    if (operations.jobs === undefined)
      throw operationUnavailable('jobs', 'Start it with `hadal serve`, which runs commands beside serving.')
    return operations.jobs
  }
  const find = (id: string): JobDetail => {
    const job = api().find(id)
    if (job === undefined) throw jobUnknown(id)
    return job
  }

  app.get('/hadal/jobs', async (): Promise<JobList> => ({ jobs: api().list(), kinds: api().kinds }))

  app.post('/hadal/jobs', async (request, reply) => {
    const jobs = api()
    const accept = accepting(reply)
    const { kind, options = {} } = accept(parse(jobRequestSchema, request.body))
    if (!jobs.kinds.includes(kind)) throw jobKindUnavailable(kind, jobs.kinds)
    const job = await jobs.start(kind, accept(within('options', jobs.parse(kind, options))))
    return reply.code(201).send(job)
  })

  app.get<OneJob>('/hadal/jobs/:id', async (request, reply) => {
    const job = find(request.params.id)
    return wantsEvents(request) ? follow(job, reply) : job
  })

  app.delete<OneJob>('/hadal/jobs/:id', async ({ params }) => {
    find(params.id)
    return api().cancel(params.id)
  })

  function follow(job: JobDetail, reply: FastifyReply): undefined {
    if (readers >= maxReaders) throw feedFull(maxReaders)
    readers += 1
    const stream = new EventStream(reply, {
      clock,
      about: `the job ${job.id}`,
      onEnd: () => {
        readers -= 1
        watch?.[Symbol.dispose]()
      },
    })
    const say = ({ type, ...data }: JobEvent): void => {
      if (type === 'ended') {
        stream.sendAtOnce([[type, data]])
        stream.end()
      } else stream.send(type, data)
    }
    stream.sendAtOnce([
      ...job.lines.map((text) => ['line', { text }] as const),
      ...job.progress.map((value) => ['progress', { value }] as const),
    ])
    const watch = job.state === 'running' ? api().follow(job.id, say) : undefined
    if (watch === undefined) say({ type: 'ended', job })
    return undefined
  }
}

/** Prefixes issues of a nested value with its field. */
function within<T>(field: string, parsed: Parsed<T>): Parsed<T> {
  const named = (param: string): string => (param === '' ? field : `${field}.${param}`)
  if (parsed.ok) return { ...parsed, unknown: parsed.unknown.map(named) }
  return { ok: false, issues: parsed.issues.map((issue) => ({ ...issue, param: named(issue.param) })) }
}
