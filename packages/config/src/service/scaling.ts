/** How many engines there are, and when there are more or fewer. */

import { flag, millis, number, oneOf, optional, wholeNumber } from '../kinds.ts'
import { defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface Scaling {
  readonly autoscaler: 'none' | 'hpa' | 'keda'
  readonly minReplicas: number
  readonly maxReplicas: number | undefined
  readonly gpuHighPercent: number
  readonly gpuLowPercent: number
  readonly gpuLowForMillis: number
  readonly backlogPerReplica: number
  readonly scaleToZero: boolean
}

export interface ScalingSettings {
  /** How many engines there are, and when there are more or fewer. */
  readonly scaling: Scaling
}

export const scalingParts: PartsTable<Scaling> = {
  autoscaler: {
    kind: oneOf('none', 'hpa', 'keda'),
    default: 'none',
    doc: 'Who changes the number of engines in a cluster: nobody, Kubernetes’ HorizontalPodAutoscaler, or KEDA.',
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
  scaleToZero: {
    kind: flag,
    default: false,
    doc: 'Whether the last engine may go; the first request then waits for a cold start. Needs KEDA.',
  },
}

/** What no part alone can show. */
export function scalingFaults({
  minReplicas,
  maxReplicas,
  scaleToZero,
  autoscaler,
  ...gpu
}: Scaling): string[] {
  const faults: string[] = []
  if (maxReplicas !== undefined && maxReplicas < minReplicas)
    faults.push(`scaling: maxReplicas (${maxReplicas}) is less than minReplicas (${minReplicas})`)
  if (minReplicas === 0 && !scaleToZero) faults.push('scaling: minReplicas 0 needs scaleToZero')
  if (scaleToZero && autoscaler === 'hpa')
    faults.push('scaling: a HorizontalPodAutoscaler does not scale to zero: autoscaler keda does')
  if (scaleToZero && autoscaler === 'none') faults.push('scaling: scaleToZero needs autoscaler keda')
  if (gpu.gpuLowPercent >= gpu.gpuHighPercent)
    faults.push(
      `scaling: gpuLowPercent (${gpu.gpuLowPercent}) is not below gpuHighPercent (${gpu.gpuHighPercent})`,
    )
  return faults
}

export const scalingSettings: SettingsTable<ScalingSettings> = {
  scaling: setting({
    kind: partsKind(scalingParts, 'scaling', scalingFaults),
    default: defaultsOf(scalingParts),
    defaultDoc: 'as below',
    doc: 'How many engines there are, and when there are more or fewer.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_SCALING',
    reload: 'live',
    within: partsOf(scalingParts),
  }),
}
