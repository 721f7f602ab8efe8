/** GET /hadal/scaling: the number of engines, recent decisions and their reasons; and jobs of kind `scale-replay`. */

import { z } from 'zod'
import { plainUrl } from './doctor.ts'

/**
 * The query of the scaler.
 *
 * @example
 * ```ts
 * import { parse, scalingQuerySchema } from '@hadal/protocol'
 *
 * parse(scalingQuerySchema, {}).ok
 * ```
 */
export const scalingQuerySchema: z.ZodType<ScalingQuery> = z.object({
  from: z.enum(['here', 'cluster']).optional(),
})

export interface ScalingQuery {
  /**
   * `here`: this server's replicas; `cluster`: the scaler in the cluster. By default the cluster in a pod, this server
   * elsewhere.
   */
  readonly from?: 'here' | 'cluster' | undefined
}

/**
 * The response of `GET /hadal/scaling`.
 *
 * @example
 * ```ts
 * import type { ScalingAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/scaling', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as ScalingAnswer
 * ```
 */
export interface ScalingAnswer {
  /** `none`: this server's replica count is fixed, and no cluster was queried. */
  readonly source: 'here' | 'cluster' | 'none'
  /** Whether a kubeconfig is available, or this is a pod. */
  readonly hasCluster: boolean
  readonly status?: ScalerAnswer
  /** The P99 objective; absent if none is set: latency is then not used for scaling. */
  readonly sloMillis?: number
}

/** As in GET /decisions; a Lease includes the last renewal of its holder. */
export interface ScalerAnswer {
  readonly leader: string | null
  readonly isLeader: boolean
  readonly isDryRun?: boolean
  readonly leadsSince?: number
  readonly renewedAt?: number
  readonly models: readonly ScaledModelAnswer[]
}

export interface ScaledModelAnswer {
  readonly model: string
  readonly target: string
  readonly replicas: number | null
  readonly readyReplicas: number | null
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly bound?: string
  readonly observedAt: number | null
  readonly fault: string | null
  /** Newest last. */
  readonly decisions: readonly ScaleDecisionAnswer[]
}

/** Times are milliseconds since 1970. */
export interface ScaleDecisionAnswer {
  readonly at: number
  /** Since when the count has been unchanged for this reason. */
  readonly since?: number
  readonly action: 'up' | 'down' | 'hold'
  readonly from: number
  readonly to: number
  readonly reason: string
  readonly text: string
  readonly signals: readonly {
    readonly name: string
    readonly value?: number
    readonly wants?: number
    readonly unusable?: string
  }[]
  readonly changedFrom?: number
}

/**
 * Synthetic load profiles for replays.
 *
 * @example
 * ```ts
 * import { replayDays } from '@hadal/protocol'
 *
 * replayDays.includes('diurnal') // → true
 * ```
 */
export const replayDays = [
  'diurnal',
  'flash-crowd',
  'office-hours',
  'week',
  'lull',
  'steady',
  'flapping',
  'silent-exporter',
  'counter-reset',
  'clock-skew',
] as const

/** Options of a job `scale-replay`: one of `day`, `past`, `recording`, and further options of `hadal scale replay`. */
export interface ScaleReplayJobOptions {
  readonly day?: (typeof replayDays)[number] | undefined
  /** For a synthetic day. */
  readonly days?: number | undefined
  readonly peak?: number | undefined
  readonly seed?: number | undefined
  /** Time range in Prometheus: `24h`. */
  readonly past?: string | undefined
  /** `deploy.prometheusUrl` by default. */
  readonly prometheus?: string | undefined
  /** The output of `hadal scale replay --save`. */
  readonly recording?: string | undefined
  readonly model?: string | undefined
  readonly overlay?: string | undefined
  /** `hpa`, `keda`, `fixed:4`, `hadal:none`, `hadal:history`. */
  readonly against?: readonly string[] | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly replicas?: number | undefined
  /** Decision interval: `1m`. */
  readonly step?: string | undefined
  /** Start time of an engine: `2m`. */
  readonly start?: string | undefined
  /** Concurrent requests per engine. */
  readonly places?: number | undefined
  /** Service time without queueing: `800ms`. */
  readonly serviceP99?: string | undefined
}

const engines = z.number().int().min(0).max(10_000)
const duration = z
  .string()
  .max(20)
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'must be a time such as 30s, 2m or 24h')
const word = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, 'must be a name')

/**
 * Options of a job that replays a day of load.
 *
 * @example
 * ```ts
 * import { parse, scaleReplayJobSchema } from '@hadal/protocol'
 *
 * parse(scaleReplayJobSchema, {}).ok
 * ```
 */
export const scaleReplayJobSchema: z.ZodType<ScaleReplayJobOptions> = z
  .object({
    day: z.enum(replayDays).optional(),
    days: z.number().int().min(1).max(366).optional(),
    peak: z.number().positive().max(10_000).optional(),
    seed: z.number().int().min(0).max(1_000_000_000).optional(),
    past: duration.optional(),
    prometheus: z
      .string()
      .max(2048)
      .regex(plainUrl, 'must be an http or https URL without a password')
      .optional(),
    recording: z.string().min(1).max(4_000_000).optional(),
    model: word.optional(),
    overlay: word.optional(),
    against: z
      .array(
        z
          .string()
          .regex(
            /^(hpa|keda|hadal:none|hadal:history|fixed:\d{1,5})$/,
            'must be hpa, keda, fixed:4, hadal:none or hadal:history',
          ),
      )
      .max(8)
      .optional(),
    min: engines.optional(),
    max: engines.optional(),
    replicas: engines.optional(),
    step: duration.optional(),
    start: duration.optional(),
    places: z.number().int().min(1).max(100_000).optional(),
    serviceP99: duration.optional(),
  })
  .refine(
    ({ day, past, recording }) => [day, past, recording].filter((each) => each !== undefined).length === 1,
    'must have one of day, past and recording',
  )

/**
 * `hadal scale replay --json`: the result of such a job. Times are ISO 8601.
 *
 * @example
 * ```ts
 * import type { JobDetail, ReplayAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/jobs/JOB', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const { result } = (await response.json()) as JobDetail
 * const found = result as ReplayAnswer
 * ```
 */
export interface ReplayAnswer {
  readonly title: string
  readonly about?: string
  readonly startAt: string
  readonly stepMillis: number
  readonly steps: number
  readonly sloMillis: number
  readonly assumptions: readonly string[]
  readonly notes: readonly string[]
  /** The service's own scaler first. */
  readonly scalers: readonly ReplayedScaler[]
}

export interface ReplayedScaler {
  readonly name: string
  readonly summary: {
    readonly engineHours: number
    readonly overSloShare: number
    readonly refusedShare: number
    readonly blindShare: number
    readonly utilisation: number
    readonly ups: number
    readonly downs: number
    readonly takenBack: number
    readonly least: number
    readonly most: number
  }
  readonly changes: readonly {
    readonly at: string
    readonly from: number
    readonly to: number
    readonly reason: string
    readonly text: string
  }[]
  readonly points: readonly {
    readonly at: string
    /** In units of one engine's capacity. */
    readonly load: number
    readonly replicas: number
    readonly ready: number
    readonly backlog: number
    /** Absent if there were no requests. */
    readonly latencyP99Millis?: number
  }[]
}
