/**
 * Commands that administrators run from the console: POST /hadal/jobs, GET /hadal/jobs, GET and DELETE /hadal/jobs/:id. A job
 * is a `hadal` command in a separate process.
 */

import { z } from 'zod'

/**
 * The kinds of jobs that a server can run.
 *
 * @example
 * ```ts
 * import { jobKinds } from '@hadal/protocol'
 *
 * jobKinds // → [ 'tune', 'guard-eval', 'guard-learn', 'scale-replay', 'doctor' ]
 * ```
 */
export const jobKinds = ['tune', 'guard-eval', 'guard-learn', 'scale-replay', 'doctor'] as const

export type JobKind = (typeof jobKinds)[number]

/** The body of POST /hadal/jobs. `options` depends on the kind. */
export interface JobRequest {
  readonly kind: JobKind
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The body that starts a job.
 *
 * @example
 * ```ts
 * import { jobRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(jobRequestSchema, { kind: 'doctor', options: {} }).ok // → true
 * ```
 */
export const jobRequestSchema: z.ZodType<JobRequest> = z.object({
  kind: z.enum(jobKinds),
  options: z.record(z.string(), z.unknown()).optional(),
})

/** `cancelled`: by a user, or because the server stopped. */
export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

/** An element of GET /hadal/jobs, in `{ jobs, kinds }`, newest first. Times are milliseconds since 1970. */
export interface JobSummary {
  readonly id: string
  readonly kind: JobKind
  readonly state: JobState
  /** The equivalent command line: `hadal tune --validate 3`. */
  readonly command: string
  /** The options of POST /hadal/jobs, without texts that do not fit on a command line. */
  readonly options: Readonly<Record<string, unknown>>
  readonly startedAt: number
  readonly endedAt?: number
  /** Absent if a signal ended it. */
  readonly exitCode?: number
  /** Why it failed: the command's `error[code]: message`, and what to do. */
  readonly error?: { readonly code: string; readonly message: string; readonly help?: string }
}

/**
 * The response of `GET /hadal/jobs`.
 *
 * @example
 * ```ts
 * import type { JobList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as JobList
 * ```
 */
export interface JobList {
  readonly jobs: readonly JobSummary[]
  /** The kinds that this server can run. */
  readonly kinds: readonly JobKind[]
}

/**
 * The response of GET /hadal/jobs/:id.
 *
 * @example
 * ```ts
 * import type { JobDetail } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs/JOB', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as JobDetail
 * ```
 */
export interface JobDetail extends JobSummary {
  /** Its output without colours, oldest first; at most the last 2000 lines. */
  readonly lines: readonly string[]
  /** Its progress records in order; their type depends on the kind. At most the last 5000. */
  readonly progress: readonly unknown[]
  /** The command's `--json` output, once it is done. */
  readonly result?: unknown
}

/**
 * Events of GET /hadal/jobs/:id with `accept: text/event-stream`: the history, then live updates.
 *
 * @example
 * ```ts
 * import { type JobEvent, SseDecoder } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs/JOB', {
 *   headers: { accept: 'text/event-stream', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) console.log(JSON.parse(data) as JobEvent)
 * }
 * ```
 */
export type JobEvent =
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'progress'; readonly value: unknown }
  | { readonly type: 'ended'; readonly job: JobDetail }
