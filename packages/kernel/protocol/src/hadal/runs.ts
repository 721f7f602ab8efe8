/**
 * Training runs for administrators: GET /hadal/runs and its subpaths. Times are milliseconds since 1970. All contents of a run
 * folder are untrusted.
 */

import { z } from 'zod'

/**
 * The query for metrics of a run, with their resolution.
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
  /** `cursor` of the previous response: returns only newer data. */
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
  /** As listed in `files` of the run. */
  readonly path: string
}

/**
 * A one-time URL of the report, valid for one minute.
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
 * `running`: a process holds the folder. `died`: none does, and no end was recorded. `ended`: unknown, because the folder is
 * from a version that did not record it.
 */
export type RunState = 'running' | 'finished' | 'stopped' | 'interrupted' | 'failed' | 'died' | 'ended'

/** An element of GET /hadal/runs. */
export interface RunSummary {
  /** Valid on this server as long as the folder is not moved. */
  readonly id: string
  /** Relative to the searched folder: `nano/pretrain`. */
  readonly path: string
  readonly name: string
  readonly state: RunState
  /** Last modification of its contents. */
  readonly changedAt: number
  readonly startedAt?: number
  readonly step?: number
  readonly totalSteps?: number
  readonly parameters?: number
  /** The unit of its data: `tokens`, `images`, `pairs`. */
  readonly unit?: string
  /** At its last step. */
  readonly loss?: number
  /** The lowest evaluation loss, and its step. */
  readonly bestLoss?: number
  readonly bestStep?: number
  /** Why it ended. */
  readonly reason?: string
}

/**
 * The response of `GET /hadal/runs`.
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
  /** Newest first. */
  readonly runs: readonly RunSummary[]
  /** The searched folders, from the setting `runsDir`. */
  readonly roots: readonly { readonly folder: string; readonly isThere: boolean }[]
  /** The list is truncated. */
  readonly isCut: boolean
}

/**
 * The response of GET /hadal/runs/:id.
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
  /** Number of processes that have trained in the folder. */
  readonly starts?: number
  readonly fingerprint?: string
  readonly epsilonBudget?: number
  /** Parts with a scaled learning rate. */
  readonly rates: readonly { readonly name: string; readonly factor: number }[]
  /** The configuration of the run, without its data. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly code?: string
  readonly help?: string
  readonly notes: readonly RunNoteLine[]
  readonly samples: readonly RunSample[]
  readonly files: readonly RunArtefact[]
  /** The file list is truncated. */
  readonly isCut: boolean
  readonly hasProfile: boolean
}

export interface RunNoteLine {
  readonly step?: number
  readonly at?: number
  readonly kind: 'start' | 'guard' | 'phase' | 'memory' | 'profile' | 'warning' | 'best' | 'end'
  readonly text: string
}

/** The model's output for a prompt after an evaluation. */
export interface RunSample {
  readonly step: number
  readonly prompt: string
  readonly text: string
}

export type ArtefactKind = 'checkpoint' | 'best' | 'model' | 'profile' | 'report' | 'log' | 'other'

export interface RunArtefact {
  /** Relative to the run's folder, with `/`. */
  readonly path: string
  readonly kind: ArtefactKind
  readonly bytes: number
  readonly changedAt: number
  /** Step of a checkpoint. */
  readonly step?: number
  /** Evaluation loss, for the best checkpoints. */
  readonly loss?: number
  /** A page that POST /hadal/runs/:id/report can open. */
  readonly isReport: boolean
}

/** A curve: `values[i]` after `steps[i]` steps. */
export interface RunSeries {
  readonly name: string
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/**
 * The response of GET /hadal/runs/:id/metrics.
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
  /** For the next query: `?after=`. */
  readonly cursor: string
  /** These are all points; otherwise they follow those of the previous response. */
  readonly isWhole: boolean
  /** The server has not read the whole file yet: query again. */
  readonly isReading: boolean
  /** Share of the file read, 0 to 1. */
  readonly readShare: number
  readonly series: readonly RunSeries[]
  /** Training seconds and data units by step, to convert steps into time and tokens. */
  readonly progress: {
    readonly steps: readonly number[]
    readonly seconds: readonly number[]
    readonly units: readonly number[]
  }
  /** The exact last value of each series. */
  readonly last: Readonly<Record<string, { readonly step: number; readonly value: number }>>
  /** Invalid lines that were skipped. */
  readonly damagedLines: number
  /** Non-finite values. */
  readonly notFinite: number
}

/**
 * The response of GET /hadal/runs/:id/profile: a recording of some steps. Times are microseconds.
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

/** Spans in columnar form, with a table of names. */
export interface RunTrace {
  readonly durationMicros: number
  readonly names: readonly string[]
  readonly classes: readonly string[]
  readonly lanes: readonly { readonly name: string; readonly depth: number }[]
  /**
   * For each span: index of its name, its lane, its depth, index of its class, start and duration in tenths of a microsecond.
   */
  readonly spans: readonly (readonly number[])[]
  /** Number of omitted spans, which are the shortest. */
  readonly leftOut: number
}
