/**
 * Runs commands for administrators as processes: one per kind, a limited number in total, with a bounded history. They end with the server.
 */

import { randomBytes } from 'node:crypto'
import { isHadalError, type Logger, messageOf, type ProgramEntry } from '@hadal/base'
import type { JobKind } from '@hadal/protocol'
import type { JobsApi } from '@hadal/server'
import { Job } from './job.ts'
import type { JobContext, JobKindEntry } from './job-kind.ts'
import { jobKinds } from './job-kinds.ts'

const maxRunning = 3

export interface JobsOptions {
  readonly shared: Pick<JobContext, 'settingArgs' | 'configArgs'>
  readonly url?: () => string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Working directory of commands: the server's. */
  readonly folder: string
  readonly logger: Logger
  /** Runs a `hadal` command. */
  readonly program: ProgramEntry
  readonly graceMillis?: number
  readonly maxRemembered?: number
  readonly kinds?: Readonly<Partial<Record<JobKind, JobKindEntry>>>
  readonly now?: () => number
}

export interface OpenJobs extends JobsApi, AsyncDisposable {}

export function openJobs(options: JobsOptions): OpenJobs {
  const { shared, url, env, folder, logger, kinds = jobKinds, now = Date.now } = options
  const { program, graceMillis = 5000, maxRemembered = 40 } = options
  /** The oldest first. */
  const jobs = new Map<string, Job>()
  const starting = new Set<JobKind>()
  const running = (): Job[] => [...jobs.values()].filter(({ isRunning }) => isRunning)
  let isOver = false

  const forget = (): void => {
    const over = [...jobs.values()].filter(({ isRunning }) => !isRunning)
    for (const { id } of over.slice(0, Math.max(0, jobs.size - maxRemembered))) jobs.delete(id)
  }

  return {
    kinds: Object.keys(kinds) as JobKind[],
    parse: (kind, given) => kinds[kind]!.parse(given),
    list: () => [...jobs.values()].map((job) => job.summary()).reverse(),
    find: (id) => jobs.get(id)?.detail(),
    async start(kind, given) {
      const errors = await import('@hadal/server')
      const same = running().find((job) => job.kind === kind)
      if (same !== undefined || starting.has(kind)) throw errors.jobRunning(kind, same?.id ?? 'starting')
      if (isOver || running().length + starting.size >= maxRunning) throw errors.jobsFull(maxRunning)
      starting.add(kind)
      try {
        const id = `${kind}-${randomBytes(6).toString('hex')}`
        const job = await Job.start({
          id,
          kind,
          entry: kinds[kind]!,
          options: given as Readonly<Record<string, unknown>>,
          context: { ...shared, url: url?.() },
          program,
          graceMillis,
          env,
          folder,
          now,
        })
        jobs.set(id, job)
        forget()
        if (isOver) await job.cancel()
        logger.info(`job started: ${job.summary().command}`, { job: id })
        void job.ended.then(() => logger.info(`job ${job.summary().state}`, { job: id }))
        return job.summary()
      } catch (thrown) {
        if (isHadalError(thrown)) throw thrown
        throw errors.jobUnstarted(kind, messageOf(thrown)).with({ cause: thrown })
      } finally {
        starting.delete(kind)
      }
    },
    async cancel(id) {
      const job = jobs.get(id)
      await job?.cancel()
      return job?.detail()
    },
    follow: (id, onEvent) => jobs.get(id)?.follow(onEvent) ?? { [Symbol.dispose]() {} },
    async [Symbol.asyncDispose]() {
      isOver = true
      await Promise.all(running().map((job) => job.cancel()))
    },
  }
}
