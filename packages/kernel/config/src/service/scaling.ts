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
  /** How many engines there are, and when there are more or fewer; see docs/scale.md. */
  readonly scaling: Scaling
}

export const scalingParts: PartsTable<Scaling> = {
  autoscaler: {
    kind: oneOf('none', 'hpa', 'keda', 'hadal'),
    default: 'none',
    doc: 'Who changes the number of engines in a cluster: nobody, Kubernetes’ HorizontalPodAutoscaler, KEDA, or `hadal scale`, which says why.',
  },
  minReplicas: {
    kind: wholeNumber(0, 10_000),
    default: 1,
    doc: 'Engines at least; 0 needs `scaleToZero`.',
  },
  maxReplicas: {
    kind: optional(wholeNumber(1, 10_000)),
    default: undefined,
    defaultDoc: 'four times `deploy.replicas`',
    doc: 'Engines at most.',
  },
  gpuHighPercent: {
    kind: number(1, 100),
    default: 70,
    doc: 'Utilisation of GPUs above which engines are busy: an alert, and a reason for more.',
  },
  gpuLowPercent: {
    kind: number(0, 99),
    default: 30,
    doc: 'Utilisation below which they are idle.',
  },
  gpuLowForMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'How long they must have been idle: an alert, and a reason for fewer.',
  },
  backlogPerReplica: {
    kind: number(0.1, 100_000),
    default: 10,
    doc: 'Waiting requests for each engine above which there are more.',
  },
  latencyForMillis: {
    kind: millis,
    default: 60_000,
    defaultDoc: '1m',
    doc: 'How long the P99 must have been above `slo.latencyMillis` to be a reason for more. Of `hadal scale`.',
  },
  upCooldownMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'After any change, until more are added. Of `hadal scale`.',
  },
  downCooldownMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'After any change, until engines go. Of `hadal scale`.',
  },
  staleAfterMillis: {
    kind: millis,
    default: 120_000,
    defaultDoc: '2m',
    doc: 'Figures that are older say nothing: nothing is changed by them. At least two `checkIntervalMillis`. Of `hadal scale`.',
  },
  checkIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'How often it is looked whether there have to be more or fewer. Of `hadal scale`.',
  },
  predict: {
    kind: oneOf('none', 'history'),
    default: 'none',
    doc: 'Whether engines are added before the load comes, by what came at the same time of earlier days. Of `hadal scale`.',
  },
  scaleToZero: {
    kind: flag,
    default: false,
    doc: 'Whether the last engine may go; the first request then waits for a cold start. Needs KEDA or `hadal scale`.',
  },
}

/** Errors between parts. */
export function scalingFaults({
  minReplicas,
  maxReplicas,
  scaleToZero,
  autoscaler,
  ...rest
}: Scaling): string[] {
  const faults: string[] = []
  if (maxReplicas !== undefined && maxReplicas < minReplicas)
    faults.push(`scaling: maxReplicas (${maxReplicas}) is less than minReplicas (${minReplicas})`)
  if (minReplicas === 0 && !scaleToZero) faults.push('scaling: minReplicas 0 needs scaleToZero')
  if (scaleToZero && autoscaler === 'hpa')
    faults.push('scaling: a HorizontalPodAutoscaler does not scale to zero: autoscaler keda and hadal do')
  if (scaleToZero && autoscaler === 'none') faults.push('scaling: scaleToZero needs autoscaler keda or hadal')
  if (rest.gpuLowPercent >= rest.gpuHighPercent)
    faults.push(
      `scaling: gpuLowPercent (${rest.gpuLowPercent}) is not below gpuHighPercent (${rest.gpuHighPercent})`,
    )
  for (const part of ['checkIntervalMillis', 'staleAfterMillis'] as const)
    if (rest[part] < 100) faults.push(`scaling.${part}: less than 100 ms`)
  // One check may be late, and "throughout" requires that none is missing.
  if (rest.staleAfterMillis < 2 * rest.checkIntervalMillis)
    faults.push(
      `scaling: staleAfterMillis (${rest.staleAfterMillis}) is less than twice checkIntervalMillis (${rest.checkIntervalMillis}): of two looks the first would count no more`,
    )
  return faults
}

export const scalingSettings: SettingsTable<ScalingSettings> = {
  scaling: setting({
    kind: partsKind(scalingParts, 'scaling', scalingFaults),
    default: defaultsOf(scalingParts),
    defaultDoc: 'as below',
    doc: 'How many engines there are, and when there are more or fewer; see docs/scale.md.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_SCALING',
    reload: 'live',
    within: partsOf(scalingParts),
  }),
}
