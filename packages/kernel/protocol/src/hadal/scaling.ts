/** GET /hadal/scaling: how many engines there are, what was decided last and why; and jobs of the kind `scale-replay`. */

import { z } from 'zod'
import { plainUrl } from './doctor.ts'

/**
 * What is asked of the scaler.
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
  /** `here`: of this server's own replicas; `cluster`: of the scaler there. Without it: in a pod the cluster, elsewhere here. */
  readonly from?: 'here' | 'cluster' | undefined
}

/**
 * The answer of `GET /hadal/scaling`.
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
  /** `none`: this server's replicas are fixed, and no cluster was asked. */
  readonly source: 'here' | 'cluster' | 'none'
  /** Whether a kubeconfig is there, or this is a pod. */
  readonly hasCluster: boolean
  readonly status?: ScalerAnswer
  /** What P99 is promised; absent where nobody said one: then latency is no reason to scale. */
  readonly sloMillis?: number
}

/** As GET /decisions has it; of a Lease with when its holder was heard last. */
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
  /** The newest last. */
  readonly decisions: readonly ScaleDecisionAnswer[]
}

/** Times are milliseconds since 1970. */
export interface ScaleDecisionAnswer {
  readonly at: number
  /** Since when it holds for this reason. */
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
 * The made-up days that a scaling can be replayed with.
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

/** Options of a job `scale-replay`: one of `day`, `past`, `recording`, and what `hadal scale replay` takes beside it. */
export interface ScaleReplayJobOptions {
  readonly day?: (typeof replayDays)[number] | undefined
  /** Of a made-up day. */
  readonly days?: number | undefined
  readonly peak?: number | undefined
  readonly seed?: number | undefined
  /** How far to look back in Prometheus: `24h`. */
  readonly past?: string | undefined
  /** `deploy.prometheusUrl` where nothing is said. */
  readonly prometheus?: string | undefined
  /** What `hadal scale replay --save` wrote. */
  readonly recording?: string | undefined
  readonly model?: string | undefined
  readonly overlay?: string | undefined
  /** `hpa`, `keda`, `fixed:4`, `hadal:none`, `hadal:history`. */
  readonly against?: readonly string[] | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly replicas?: number | undefined
  /** From one decision to the next: `1m`. */
  readonly step?: string | undefined
  /** How long an engine takes to start: `2m`. */
  readonly start?: string | undefined
  /** Requests that it answers at once. */
  readonly places?: number | undefined
  /** Of answers that do not wait: `800ms`. */
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
 * The options of a job that replays a day of load.
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
 * `hadal scale replay --json`: the result of a job of that kind. Times are ISO 8601.
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
  /** The service's own first. */
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
    /** Engines' worth of work. */
    readonly load: number
    readonly replicas: number
    readonly ready: number
    readonly backlog: number
    /** Absent where nobody asked. */
    readonly latencyP99Millis?: number
  }[]
}
