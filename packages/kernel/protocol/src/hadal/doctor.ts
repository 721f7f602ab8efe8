/** Jobs of kind `doctor`, and POST /hadal/explain: diagnoses the root cause in logs, like `hadal doctor explain`. */

import { z } from 'zod'

/**
 * The body of a log diagnosis.
 *
 * @example
 * ```ts
 * import { explainRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(explainRequestSchema, { text: 'CUDA out of memory' }).ok // → false
 * ```
 */
export const explainRequestSchema: z.ZodType<ExplainRequest> = z.object({
  texts: z
    .array(z.object({ name: z.string().min(1).max(255), text: z.string().max(4_000_000) }))
    .min(1)
    .max(20),
})

export interface ExplainRequest {
  /** Logs, errors, dmesg, events, nvidia-smi output: the format is detected. */
  readonly texts: readonly { readonly name: string; readonly text: string }[]
}

/**
 * The response of `POST /hadal/explain`.
 *
 * @example
 * ```ts
 * import type { ExplainAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/explain', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 *   body: JSON.stringify({ texts: [{ name: 'train.log', text: 'CUDA out of memory' }] }),
 * })
 * const answer = (await response.json()) as ExplainAnswer
 * ```
 */
export interface ExplainAnswer {
  /** Absent: unknown; there is no speculation. */
  readonly cause?: ExplainedCause
  readonly alsoSeen: readonly ExplainedCause[]
  /** The first 200 entries. */
  readonly timeline: readonly {
    readonly at?: number
    readonly file: string
    readonly line: number
    readonly causeId: string
    readonly text: string
    readonly times?: number
  }[]
  readonly read: readonly string[]
  /** If the cause is unknown: lines that look like errors. */
  readonly suspicious: readonly EvidenceLine[]
  /** No text contains a recognisable log line. */
  readonly isNothingThere?: boolean
}

export interface ExplainedCause {
  readonly id: string
  readonly family: string
  readonly severity: 'note' | 'warning' | 'error' | 'critical'
  readonly title: string
  readonly says: string
  readonly fix: { readonly text: string; readonly command?: string }
  readonly evidence: readonly EvidenceLine[]
  readonly times: number
  readonly isConsequence?: boolean
  readonly source: { readonly title: string; readonly url?: string }
}

export interface EvidenceLine {
  readonly file: string
  readonly line: number
  readonly text: string
}

/**
 * The available groups of checks.
 *
 * @example
 * ```ts
 * import { doctorGroups } from '@hadal/protocol'
 *
 * doctorGroups // → [ 'environment', 'gpu', 'service', 'cluster', 'server' ]
 * ```
 */
export const doctorGroups = ['environment', 'gpu', 'service', 'cluster', 'server'] as const

/** Options of a job `doctor`. */
export interface DoctorJobOptions {
  readonly groups: readonly (typeof doctorGroups)[number][]
  /** For `server`: its URL; this server by default. */
  readonly url?: string | undefined
  /** For `cluster`: a kubeconfig context; the current one by default. */
  readonly context?: string | undefined
}

/** Appears in a command line that other users may see: no passwords. */
export const plainUrl: RegExp = /^https?:\/\/[\w.:[\]-]+(?:[/?#][!-~]*)?$/

/**
 * Options of a job that checks a machine.
 *
 * @example
 * ```ts
 * import { doctorJobSchema, parse } from '@hadal/protocol'
 *
 * parse(doctorJobSchema, { groups: ['gpu'] }).ok // → true
 * ```
 */
export const doctorJobSchema: z.ZodType<DoctorJobOptions> = z.object({
  groups: z.array(z.enum(doctorGroups)).min(1).max(doctorGroups.length),
  url: z.string().max(2048).regex(plainUrl, 'must be an http or https URL without a password').optional(),
  context: z
    .string()
    .min(1)
    .max(253)
    .regex(/^\P{Cc}+$/u, 'must be a name')
    .optional(),
})

/**
 * `hadal doctor --json`: the result of a `doctor` job.
 *
 * @example
 * ```ts
 * import type { JobDetail, DoctorAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs/JOB', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const { result } = (await response.json()) as JobDetail
 * const found = result as DoctorAnswer
 * ```
 */
export interface DoctorAnswer {
  readonly takenAt: number
  readonly worst: DoctorSeverity
  readonly findings: readonly DoctorFinding[]
}

export type DoctorSeverity = 'error' | 'warning' | 'unknown' | 'note' | 'ok' | 'skipped'

export interface DoctorFinding {
  readonly id: string
  readonly group: string
  readonly title: string
  readonly severity: DoctorSeverity
  readonly says: string
  readonly fix?: { readonly text: string; readonly command?: string }
  readonly evidence?: readonly string[]
}
