/** Jobs of the kind `doctor`, and POST /hadal/explain: one cause out of logs, as `hadal doctor explain` says it. */

import { z } from 'zod'

export const explainRequestSchema: z.ZodType<ExplainRequest> = z.object({
  texts: z
    .array(z.object({ name: z.string().min(1).max(255), text: z.string().max(4_000_000) }))
    .min(1)
    .max(20),
})

export interface ExplainRequest {
  /** Logs, errors, dmesg, events, what nvidia-smi said: found out by how they look. */
  readonly texts: readonly { readonly name: string; readonly text: string }[]
}

export interface ExplainAnswer {
  /** Absent: it is unknown, and nothing is guessed. */
  readonly cause?: ExplainedCause
  readonly alsoSeen: readonly ExplainedCause[]
  /** The first 200 of it. */
  readonly timeline: readonly {
    readonly at?: number
    readonly file: string
    readonly line: number
    readonly causeId: string
    readonly text: string
    readonly times?: number
  }[]
  readonly read: readonly string[]
  /** Where the cause is unknown: lines that look like errors. */
  readonly suspicious: readonly EvidenceLine[]
  /** No text has a line that a program wrote. */
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

export const doctorGroups = ['environment', 'gpu', 'service', 'cluster', 'server'] as const

/** Options of a job `doctor`. */
export interface DoctorJobOptions {
  readonly groups: readonly (typeof doctorGroups)[number][]
  /** Of `server`: which one; the server that is asked where nothing is said. */
  readonly url?: string | undefined
  /** Of `cluster`: which of the kubeconfig's; the current one where nothing is said. */
  readonly context?: string | undefined
}

/** Stands in a command line, which others may read: nobody's password is in it. */
export const plainUrl: RegExp = /^https?:\/\/[\w.:[\]-]+(?:[/?#][!-~]*)?$/

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

/** `hadal doctor --json`: the result of a job of the kind `doctor`. */
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
