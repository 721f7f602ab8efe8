/** Errors of jobs. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const jobUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'job_unknown',
  status: 404,
  when: 'The job never ran on this server, or is no longer remembered. The last 40 jobs are kept while the server runs.',
  message: (id) => `there is no job ${JSON.stringify(id)}`,
  help: 'GET /hadal/jobs lists the known jobs.',
})

export const jobKindUnavailable: ErrorMaker<[kind: string, kinds: readonly string[]]> = defineError({
  code: 'job_kind_unavailable',
  status: 404,
  when: 'The requested kind of job is not available on this server.',
  message: (kind, _) => `this server runs no jobs of kind ${JSON.stringify(kind)}`,
  help: (_, kinds) =>
    kinds.length === 0
      ? 'This server runs no jobs; start the console with `hadal serve`.'
      : `Use one of ${kinds.join(', ')}.`,
  docsHelp:
    'Use one of the kinds that the error lists. A server without any was not started with `hadal serve`.',
})

export const jobRunning: ErrorMaker<[kind: string, id: string]> = defineError({
  code: 'job_running',
  status: 409,
  when: 'A job of this kind is already running. Each kind runs once at a time.',
  message: (kind, id) => `a ${kind} job is already running: ${id}`,
  help: (_, id) => `Wait for it, or cancel it: DELETE /hadal/jobs/${id}.`,
})

export const jobsFull: ErrorMaker<[most: number]> = defineError({
  code: 'jobs_full',
  status: 503,
  when: 'The server already runs its maximum number of jobs.',
  message: (most) => `${most} jobs are already running, which is the maximum`,
  help: 'Wait for one of them, or cancel it: DELETE /hadal/jobs/:id.',
})

export const jobUnstarted: ErrorMaker<[kind: string, why: string]> = defineError({
  code: 'job_unstarted',
  status: 500,
  when: 'The operating system did not start the process of a job.',
  message: (kind, why) => `the ${kind} job did not start: ${why}`,
  help: 'Check the number of processes and the free memory on the machine of the server, then start the job again.',
})
