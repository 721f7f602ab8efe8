/**
 * `hadal tune` as a job (POST /hadal/jobs with kind `tune`): its options, progress and result; and POST /hadal/tune/apply,
 * which writes the result to the config file.
 */

import { z } from 'zod'
import type { DiffHunk } from './deploy.ts'

/**
 * Arrival processes for tuning.
 *
 * @example
 * ```ts
 * import { tuneTraffics } from '@hadal/protocol'
 *
 * tuneTraffics // → [ 'poisson', 'gamma', 'bursts', 'diurnal' ]
 * ```
 */
export const tuneTraffics = ['poisson', 'gamma', 'bursts', 'diurnal'] as const

/** Defaults are those of `hadal tune`. Rates are requests per second. */
export interface TuneJobOptions {
  readonly traffic?: (typeof tuneTraffics)[number] | undefined
  /** Recorded requests instead of synthetic ones: JSON lines, as for `hadal tune --traffic FILE`. */
  readonly recorded?: string | undefined
  readonly rate?: number | undefined
  readonly requests?: number | undefined
  /** `64`, `uniform:32,128`, `lognormal:64,0.8` or `pareto:32,1.2`. */
  readonly promptTokens?: string | undefined
  readonly outputTokens?: string | undefined
  /** From 0 to 1. */
  readonly embedShare?: number | undefined
  readonly embedTokens?: string | undefined
  readonly keys?: number | undefined
  readonly prefixes?: number | undefined
  readonly prefixTokens?: number | undefined
  readonly trafficSeed?: number | undefined
  readonly threadsTried?: readonly number[] | undefined
  readonly validate?: number | undefined
  readonly validateForMillis?: number | undefined
  readonly sloTtftMillis?: number | undefined
  readonly sloItlMillis?: number | undefined
}

const count = (least: number, most: number): z.ZodOptional<z.ZodNumber> =>
  z.number().int().min(least).max(most).optional()

const lengths = z
  .string()
  .regex(/^(?:\d{1,6}|(?:uniform|lognormal|pareto):\d[\d.,]{0,40})$/, {
    message: 'must be lengths such as 64, uniform:32,128, lognormal:64,0.8 or pareto:32,1.2',
  })
  .optional()

const millis = z.number().min(1).max(3_600_000).optional()

/**
 * Options of a tuning job.
 *
 * @example
 * ```ts
 * import { parse, tuneJobSchema } from '@hadal/protocol'
 *
 * parse(tuneJobSchema, {}).ok
 * ```
 */
export const tuneJobSchema: z.ZodType<TuneJobOptions> = z.object({
  traffic: z.enum(tuneTraffics).optional(),
  recorded: z.string().min(1).max(4_000_000).optional(),
  rate: z.number().gt(0).max(100_000).optional(),
  requests: count(1, 100_000),
  promptTokens: lengths,
  outputTokens: lengths,
  embedShare: z.number().min(0).max(1).optional(),
  embedTokens: lengths,
  keys: count(1, 1000),
  prefixes: count(1, 1000),
  prefixTokens: count(0, 100_000),
  trafficSeed: count(0, 2 ** 31),
  threadsTried: z.array(z.number().int().min(1).max(1024)).min(1).max(8).optional(),
  validate: count(0, 16),
  validateForMillis: z.number().min(1000).max(600_000).optional(),
  sloTtftMillis: millis,
  sloItlMillis: millis,
})

/** The tuned settings, as in the config. */
export interface TuneKnobs {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly timeoutMicros: number
  readonly threads: number
  readonly contextLength: number
  readonly speculation: 'auto' | 'off'
}

/** 99th percentiles in milliseconds; absent if there were no samples. */
export interface TuneSlo {
  readonly ttftMillis?: number | undefined
  readonly itlMillis?: number | undefined
  readonly embedMillis?: number | undefined
}

/** The result of one load with one choice of settings. */
export interface TunePoint {
  readonly knobs: TuneKnobs
  /** Completed per second. */
  readonly requestsPerSecond: number
  /** 99th percentiles. */
  readonly ttftMillis?: number | undefined
  readonly itlMillis?: number | undefined
  readonly embedMillis?: number | undefined
  readonly isKept: boolean
}

/** @internal */
export type TunePhase = 'steps' | 'guesses' | 'slowdown' | 'search' | 'validation' | 'frontier'

/**
 * A line of `hadal tune --progress json`.
 *
 * @internal
 */
export type TuneProgress =
  | {
      readonly type: 'begin'
      readonly model: string
      readonly start: TuneKnobs
      readonly slo: TuneSlo
      readonly requests: number
      readonly validated: number
    }
  | { readonly type: 'phase'; readonly phase: TunePhase; readonly text: string }
  /** Step cost with this number of threads, in milliseconds. */
  | {
      readonly type: 'costs'
      readonly threads: number
      readonly perStep: number
      readonly perDecodeToken: number
      readonly perPrefillToken: number
      readonly medianError: number
    }
  /** Under real load everything takes this many times as long. */
  | { readonly type: 'slowdown'; readonly factor: number }
  /** Simulated. */
  | ({ readonly type: 'point' } & TunePoint)
  /** Under real load. */
  | ({
      readonly type: 'attempt'
      readonly name: string
      readonly offered: number
      readonly failed: number
    } & TunePoint)

/**
 * The part of `hadal tune --json`, the job's result, that pages read.
 *
 * @example
 * ```ts
 * import type { JobDetail, TuneResult } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs/JOB', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const { result } = (await response.json()) as JobDetail
 * const found = result as TuneResult
 * ```
 */
export interface TuneResult {
  /** Number of simulated settings. */
  readonly tried: number
  readonly slowdown: number
  readonly slo: TuneSlo
  /** The current settings, those recommended by guides, and the best found. */
  readonly points: readonly TuneChoice[]
  readonly best: TuneChoice & { readonly kept?: number }
  /** Under real load. `kept`: the highest request rate within the SLO; 0 if none was. */
  readonly validations: readonly { readonly name: string; readonly knobs: TuneKnobs; readonly kept: number }[]
  /** P99 objectives in milliseconds. */
  readonly promises: readonly number[]
  /** Capacity of each choice in requests per second, by `promises`. */
  readonly frontier: readonly { readonly name: string; readonly requestsPerSecond: readonly number[] }[]
}

export interface TuneChoice {
  readonly name: string
  readonly knobs: TuneKnobs
  /** Present if the SLO is met at any rate. */
  readonly foreseen?: {
    readonly report: {
      readonly requestsPerSecond: number
      readonly ttftMillis?: { readonly p99: number }
      readonly itlMillis?: { readonly p99: number }
      readonly embedMillis?: { readonly p99: number }
    }
  }
}

/**
 * GET /hadal/tune: the current values of the tuned settings, and the file they are written to.
 *
 * @example
 * ```ts
 * import type { TuneStatus } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/tune', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as TuneStatus
 * ```
 */
export interface TuneStatus {
  /** From the config, flags and variables, or the defaults. */
  readonly settings: Partial<TuneKnobs>
  readonly slo: TuneSlo
  readonly config: {
    /** Relative to the server's working directory. */
    readonly file: string
    readonly isThere: boolean
    /** Changes take effect immediately; otherwise on SIGHUP. */
    readonly isWatched: boolean
  }
}

/** The body of POST /hadal/tune/apply. */
export interface TuneApply {
  readonly knobs: Partial<TuneKnobs>
  /** From a `dryRun` response: rejected if the file has changed since. */
  readonly revision?: string | undefined
  /** Write nothing, only return what would change. */
  readonly dryRun?: boolean | undefined
}

const knobs = z
  .strictObject({
    maxBatchSize: z.number().int().min(1).max(1024),
    maxBatchTokens: z.number().int().min(1).max(1_048_576),
    maxPrefillTokensWhileDecoding: z.number().int().min(1).max(1_048_576),
    timeoutMicros: z.number().int().min(0).max(60_000_000),
    threads: z.number().int().min(1).max(1024),
    contextLength: z.number().int().min(1).max(16_777_216),
    speculation: z.enum(['auto', 'off']),
    /** Deprecated name of `maxPrefillTokensWhileDecoding`. */
    maxPrefillTokensBesideDecodes: z.number().int().min(1).max(1_048_576),
  })
  .partial()
  .transform(({ maxPrefillTokensBesideDecodes: formerly, ...current }) =>
    formerly === undefined ? current : { maxPrefillTokensWhileDecoding: formerly, ...current },
  )

/**
 * The body that applies the result of a tuning.
 *
 * @example
 * ```ts
 * import { parse, tuneApplySchema } from '@hadal/protocol'
 *
 * parse(tuneApplySchema, {}).ok
 * ```
 */
export const tuneApplySchema: z.ZodType<TuneApply> = z.object({
  knobs,
  revision: z.string().max(100).optional(),
  dryRun: z.boolean().optional(),
}) as z.ZodType<TuneApply>

/**
 * The response.
 *
 * @example
 * ```ts
 * import type { TuneApplied } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/tune/apply', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 *   body: JSON.stringify({ knobs: { maxBatchSize: 16 }, dryRun: true }),
 * })
 * const answer = (await response.json()) as TuneApplied
 * ```
 */
export interface TuneApplied {
  readonly file: string
  readonly isNew: boolean
  /** The changed lines, with unrelated strings removed: they may be secrets. */
  readonly hunks: readonly DiffHunk[]
  /** Revision of the file before the change. */
  readonly revision: string
  readonly isWritten: boolean
  /** Settings that take effect when the file is reloaded. */
  readonly live: readonly (keyof TuneKnobs)[]
  /** Settings that take effect after a restart. */
  readonly restart: readonly (keyof TuneKnobs)[]
  /** Set by a flag or a variable, which overrides the file. */
  readonly overridden: readonly { readonly setting: keyof TuneKnobs; readonly by: string }[]
}
