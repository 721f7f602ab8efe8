/** Scaling settings. */

import { flag, millis, number, oneOf, optional, wholeNumber } from '../kinds.ts'
import { defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface Scaling {
  readonly autoscaler: 'none' | 'hpa' | 'keda' | 'hadal'
  readonly minReplicas: number
  readonly maxReplicas: number | undefined
  readonly gpuHighPercent: number
  readonly gpuLowPercent: number
  readonly gpuLowForMillis: number
  readonly backlogPerReplica: number
  readonly latencyForMillis: number
  readonly upCooldownMillis: number
  readonly downCooldownMillis: number
  readonly staleAfterMillis: number
  readonly checkIntervalMillis: number
  readonly predict: 'none' | 'history'
  readonly scaleToZero: boolean
}

export interface ScalingSettings {
  /** Autoscaling of engines; see docs/scale.md. */
  readonly scaling: Scaling
}

export const scalingParts: PartsTable<Scaling> = {
  autoscaler: {
    kind: oneOf('none', 'hpa', 'keda', 'hadal'),
    default: 'none',
    doc: 'Autoscaler of the engines in a cluster: none, the Kubernetes HorizontalPodAutoscaler, KEDA, or `hadal scale`, which explains its decisions.',
  },
  minReplicas: {
    kind: wholeNumber(0, 10_000),
    default: 1,
    doc: 'Minimum number of engines; 0 requires `scaleToZero`.',
  },
  maxReplicas: {
    kind: optional(wholeNumber(1, 10_000)),
    default: undefined,
    defaultDoc: 'four times `deploy.replicas`',
    doc: 'Maximum number of engines.',
  },
  gpuHighPercent: {
    kind: number(1, 100),
    default: 70,
    doc: 'GPU utilization above which engines are busy: triggers an alert and scaling up.',
  },
  gpuLowPercent: {
    kind: number(0, 99),
    default: 30,
    doc: 'GPU utilization below which engines are idle.',
  },
  gpuLowForMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'Idle time that triggers an alert and scaling down.',
  },
  backlogPerReplica: {
    kind: number(0.1, 100_000),
    default: 10,
    doc: 'Queued requests per engine that trigger scaling up.',
  },
  latencyForMillis: {
    kind: millis,
    default: 60_000,
    defaultDoc: '1m',
    doc: 'How long the P99 must exceed `slo.latencyMillis` to trigger scaling up. Only for `hadal scale`.',
  },
  upCooldownMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'Cooldown after any change before scaling up. Only for `hadal scale`.',
  },
  downCooldownMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'Cooldown after any change before scaling down. Only for `hadal scale`.',
  },
  staleAfterMillis: {
    kind: millis,
    default: 120_000,
    defaultDoc: '2m',
    doc: 'Age at which metrics are stale and ignored. At least two `checkIntervalMillis`. Only for `hadal scale`.',
  },
  checkIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'Interval between scaling decisions. Only for `hadal scale`.',
  },
  predict: {
    kind: oneOf('none', 'history'),
    default: 'none',
    doc: 'Scale up ahead of load predicted from the same time on earlier days. Only for `hadal scale`.',
  },
  scaleToZero: {
    kind: flag,
    default: false,
    doc: 'Allow scaling to zero; the next request then waits for a cold start. Requires KEDA or `hadal scale`.',
  },
}

/** Errors between parts. */
export function scalingIssues({
  minReplicas,
  maxReplicas,
  scaleToZero,
  autoscaler,
  ...rest
}: Scaling): string[] {
  const issues: string[] = []
  if (maxReplicas !== undefined && maxReplicas < minReplicas)
    issues.push(`scaling: maxReplicas (${maxReplicas}) is less than minReplicas (${minReplicas})`)
  if (minReplicas === 0 && !scaleToZero) issues.push('scaling: minReplicas 0 requires scaleToZero')
  if (scaleToZero && autoscaler === 'hpa')
    issues.push('scaling: a HorizontalPodAutoscaler cannot scale to zero; use autoscaler keda or hadal')
  if (scaleToZero && autoscaler === 'none')
    issues.push('scaling: scaleToZero requires autoscaler keda or hadal')
  if (rest.gpuLowPercent >= rest.gpuHighPercent)
    issues.push(
      `scaling: gpuLowPercent (${rest.gpuLowPercent}) is not below gpuHighPercent (${rest.gpuHighPercent})`,
    )
  for (const part of ['checkIntervalMillis', 'staleAfterMillis'] as const)
    if (rest[part] < 100) issues.push(`scaling.${part} must be at least 100 ms`)
  // One check may be late, and "throughout" requires that none is missing.
  if (rest.staleAfterMillis < 2 * rest.checkIntervalMillis)
    issues.push(
      `scaling: staleAfterMillis (${rest.staleAfterMillis}) must be at least twice checkIntervalMillis (${rest.checkIntervalMillis})`,
    )
  return issues
}

export const scalingSettings: SettingsTable<ScalingSettings> = {
  scaling: setting({
    kind: partsKind(scalingParts, 'scaling', scalingIssues),
    default: defaultsOf(scalingParts),
    defaultDoc: 'as below',
    doc: 'Autoscaling of engines; see docs/scale.md.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_SCALING',
    reload: 'live',
    within: partsOf(scalingParts),
  }),
}
