/** When there are more or fewer engines, as numbers: what a service's `scaling` and `slo` say, and how long its engines take to start. */

import type { Deployment } from '../deployment/deployment.ts'

export interface ScalingPolicy {
  /** Minimum number of engines while awake; with `scaleToZero` also the number after waking. */
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Above this mean utilisation of an engine there are more, in percent. */
  readonly highPercent: number
  /** Below it for `lowForMillis` there are fewer. */
  readonly lowPercent: number
  readonly lowForMillis: number
  /** Requests that wait, for each engine, above which there are more. */
  readonly backlogPerReplica: number
  /** P99 above which there are more, once it was so for `latencyForMillis`; undefined: latency is no reason. */
  readonly latencyMillis: number | undefined
  readonly latencyForMillis: number
  /** Window of the P99; two minutes by default. */
  readonly latencyWindowMillis?: number
  /** After any change, until the next one upwards. */
  readonly upCooldownMillis: number
  /** After any change, until one downwards. */
  readonly downCooldownMillis: number
  /** Older measurements are ignored. */
  readonly staleAfterMillis: number
  readonly scaleToZero: boolean
  /** From the request for a pod until it is ready: measured, or estimated. Also the horizon of a forecast. */
  readonly startMillis: number
  readonly predict: 'none' | 'history'
}

/**
 * `startMillis`: from the request for a pod or process until it is ready.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { scalingPolicyOf } from '@hadal/fleet'
 *
 * scalingPolicyOf(deployment, 90_000).startMillis // → 90000
 * ```
 */
export function scalingPolicyOf(
  { scaling, slo }: Pick<Deployment, 'scaling' | 'slo'>,
  startMillis: number,
): ScalingPolicy {
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    highPercent: scaling.gpuHighPercent,
    lowPercent: scaling.gpuLowPercent,
    lowForMillis: scaling.gpuLowForMillis,
    backlogPerReplica: scaling.backlogPerReplica,
    latencyMillis: slo.latencyMillis,
    latencyForMillis: scaling.latencyForMillis,
    upCooldownMillis: scaling.upCooldownMillis,
    downCooldownMillis: scaling.downCooldownMillis,
    staleAfterMillis: scaling.staleAfterMillis,
    scaleToZero: scaling.scaleToZero,
    startMillis,
    predict: scaling.predict,
  }
}
