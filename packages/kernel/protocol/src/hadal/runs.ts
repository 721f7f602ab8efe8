/**
 * What administrators see of training runs: GET /hadal/runs and what lies below it. Times are milliseconds since 1970. Everything
 * that a run wrote is text of somebody else.
 */

import { z } from 'zod'

/**
 * Which metrics of a run are asked for, and how finely.
 *
 * @example
 * ```ts
 * import { parse, runMetricsQuerySchema } from '@hadal/protocol'
 *
 * parse(runMetricsQuerySchema, {}).ok
 * ```
 */
export const runMetricsQuerySchema: z.ZodType<RunMetricsQuery> = z.object({
  after: z.string().max(200).optional(),
})

export interface RunMetricsQuery {
  /** `cursor` of the answer before: only what came since. */
  readonly after?: string | undefined
}

/**
 * POST /hadal/runs/:id/report.
 *
 * @example
 * ```ts
 * import { parse, runReportSchema } from '@hadal/protocol'
 *
 * parse(runReportSchema, { path: 'report.html' }).ok // → true
 * ```
 */
export const runReportSchema: z.ZodType<RunReportRequest> = z.object({ path: z.string().min(1).max(1000) })

export interface RunReportRequest {
  /** As `files` of the run have it. */
  readonly path: string
}

/**
 * Where a browser opens the report: once, within a minute.
 *
 * @example
 * ```ts
 * import type { RunReportPlace } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/runs/RUN/report', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 *   body: JSON.stringify({ path: 'report.html' }),
 * })
 * const answer = (await response.json()) as RunReportPlace
 * ```
 */
export interface RunReportPlace {
  readonly url: string
}

/**
 * `running`: a process holds the folder. `died`: none does, and it did not say how it ended. `ended`: it is not known how, as the
 * folder is of a version that did not keep it.
 */
export type RunState = 'running' | 'finished' | 'stopped' | 'interrupted' | 'failed' | 'died' | 'ended'

/** As GET /hadal/runs has it. */
export interface RunSummary {
  /** Of this server, as long as the folder stays where it is. */
  readonly id: string
  /** Below the folder that was searched: `nano/pretrain`. */
  readonly path: string
  readonly name: string
  readonly state: RunState
  /** When something in it was written last. */
  readonly changedAt: number
  readonly startedAt?: number
  readonly step?: number
  readonly totalSteps?: number
  readonly parameters?: number
  /** What it reads: `tokens`, `images`, `pairs`. */
  readonly unit?: string
  /** Of its last step. */
  readonly loss?: number
  /** The lowest of its evaluations, and the step of that. */
  readonly bestLoss?: number
  readonly bestStep?: number
  /** Why it ended. */
  readonly reason?: string
}

/**
 * The answer of `GET /hadal/runs`.
 *
 * @example
 * ```ts
 * import type { RunList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/runs', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as RunList
 * ```
 */
export interface RunList {
  /** The newest first. */
  readonly runs: readonly RunSummary[]
  /** Folders that were searched, as the setting `runsDir` has them. */
  readonly roots: readonly { readonly folder: string; readonly isThere: boolean }[]
  /** There are more than are shown. */
  readonly isCut: boolean
}

/**
 * As GET /hadal/runs/:id has it.
 *
 * @example
 * ```ts
 * import type { RunDetail } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/runs/RUN', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as RunDetail
 * ```
 */
export interface RunDetail extends RunSummary {
  readonly folder: string
  readonly activatedParameters?: number
  readonly flopsPerToken?: number
  readonly peakFlops?: number
  readonly ranks?: number
  /** Processes that have trained in the folder. */
  readonly starts?: number
  readonly fingerprint?: string
  readonly epsilonBudget?: number
  /** Parts that learn at a share of the schedule's rate. */
  readonly rates: readonly { readonly name: string; readonly factor: number }[]
  /** The run as it was carried out, without its data. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly code?: string
  readonly help?: string
  readonly notes: readonly RunNoteLine[]
  readonly samples: readonly RunSample[]
  readonly files: readonly RunArtefact[]
  /** There are more files than are shown. */
  readonly isCut: boolean
  readonly hasProfile: boolean
}

export interface RunNoteLine {
  readonly step?: number
  readonly at?: number
  readonly kind: 'start' | 'guard' | 'phase' | 'memory' | 'profile' | 'warning' | 'best' | 'end'
  readonly text: string
}

/** What the model made of a prompt after an evaluation. */
export interface RunSample {
  readonly step: number
  readonly prompt: string
  readonly text: string
}

export type ArtefactKind = 'checkpoint' | 'best' | 'model' | 'profile' | 'report' | 'log' | 'other'

export interface RunArtefact {
  /** Within the run's folder, with `/`. */
  readonly path: string
  readonly kind: ArtefactKind
  readonly bytes: number
  readonly changedAt: number
  /** Step of a checkpoint. */
  readonly step?: number
  /** Held-out loss of one of the best. */
  readonly loss?: number
  /** A page that POST /hadal/runs/:id/report opens. */
  readonly isReport: boolean
}

/** A curve: `values[i]` after `steps[i]` steps. */
export interface RunSeries {
  readonly name: string
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/**
 * As GET /hadal/runs/:id/metrics has it.
 *
 * @example
 * ```ts
 * import type { RunMetrics } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/runs/RUN/metrics', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as RunMetrics
 * ```
 */
export interface RunMetrics {
  /** Where the next question goes on: `?after=`. */
  readonly cursor: string
  /** These are all points; otherwise they follow those of the question before. */
  readonly isWhole: boolean
  /** The server has not read to the end yet: ask again. */
  readonly isReading: boolean
  /** Share of the file that was read, 0 to 1. */
  readonly readShare: number
  readonly series: readonly RunSeries[]
  /** Seconds of training and units read by then, as far as `steps`: what turns steps into time and tokens. */
  readonly progress: {
    readonly steps: readonly number[]
    readonly seconds: readonly number[]
    readonly units: readonly number[]
  }
  /** Exact last value of each series. */
  readonly last: Readonly<Record<string, { readonly step: number; readonly value: number }>>
  /** Lines that are no metrics, and were passed over. */
  readonly damagedLines: number
  /** Numbers that were not finite. */
  readonly notFinite: number
}

/**
 * As GET /hadal/runs/:id/profile has it: a recording of some steps. Times are micros.
 *
 * @example
 * ```ts
 * import type { RunProfile } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/runs/RUN/profile', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as RunProfile
 * ```
 */
export interface RunProfile {
  readonly title: string
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  readonly advice: readonly { readonly sentence: string; readonly cause: string; readonly change: string }[]
  readonly totalMicros: number
  readonly phases: readonly { readonly name: string; readonly micros: number; readonly share: number }[]
  readonly operators: readonly {
    readonly name: string
    readonly count: number
    readonly selfMicros: number
    readonly share: number
  }[]
  readonly modules: readonly {
    readonly name: string
    readonly forwardMicros: number
    readonly backwardMicros: number
    readonly share: number
  }[]
  readonly trace: RunTrace
}

/** Spans as columns, names once. */
export interface RunTrace {
  readonly durationMicros: number
  readonly names: readonly string[]
  readonly classes: readonly string[]
  readonly lanes: readonly { readonly name: string; readonly depth: number }[]
  /** For each span: place of its name, its lane, how deep it stands, place of its class, start and length in tenths of a micro. */
  readonly spans: readonly (readonly number[])[]
  /** The shortest, which are not among them. */
  readonly leftOut: number
}
