/**
 * Commands that a server's administrators run from its console: POST /hadal/jobs, GET /hadal/jobs, GET and DELETE
 * /hadal/jobs/:id. A job is a `hadal` command as anybody would type it, in a process of its own.
 */

import { z } from 'zod'

/**
 * The kinds of jobs that a server can do beside answering.
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

/** What POST /hadal/jobs takes. What `options` there are is each kind's own. */
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

/** `cancelled`: somebody asked for its end, or the server ended. */
export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

/** As GET /hadal/jobs has it, in `{ jobs, kinds }`, the newest first. Times are milliseconds since 1970. */
export interface JobSummary {
  readonly id: string
  readonly kind: JobKind
  readonly state: JobState
  /** As it would be typed: `hadal tune --validate 3`. */
  readonly command: string
  /** What it was asked for, as POST /hadal/jobs took it; without texts that stand in no command line. */
  readonly options: Readonly<Record<string, unknown>>
  readonly startedAt: number
  readonly endedAt?: number
  /** Where no signal ended it. */
  readonly exitCode?: number
  /** Why it failed: the command's own `error[code]: message`, and what to do. */
  readonly error?: { readonly code: string; readonly message: string; readonly help?: string }
}

/**
 * The answer of `GET /hadal/jobs`.
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
  /** Those that this server can run. */
  readonly kinds: readonly JobKind[]
}

/**
 * As GET /hadal/jobs/:id has it.
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
  /** What it said so far, without colours, the oldest first; of long ones the last 2000 lines. */
  readonly lines: readonly string[]
  /** What it measured so far, in the order it came; each kind has its own. Of very much the last 5000. */
  readonly progress: readonly unknown[]
  /** The command's `--json`, when it is done. */
  readonly result?: unknown
}

/**
 * What GET /hadal/jobs/:id sends to `accept: text/event-stream`: all that was, and then what comes.
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
