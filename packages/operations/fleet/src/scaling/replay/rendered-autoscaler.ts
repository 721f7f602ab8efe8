/** Reads a rendered HorizontalPodAutoscaler or ScaledObject as numbers: reading the manifest avoids a second source of truth. */

import { autoscalerOf } from '../../autoscale/autoscaler-of.ts'
import type { Deployment, EnginePlan } from '../../deployment/deployment.ts'
import { readQuantity } from '../../quantity.ts'
import type { HpaMetric, HpaSettings } from './hpa-scaler.ts'
import type { KedaSettings } from './keda-scaler.ts'

/**
 * As `hadal deploy render` would write it of this service with `autoscaler: 'hpa'`.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { renderedHpa } from '@hadal/fleet'
 *
 * const { minReplicas, maxReplicas } = renderedHpa(deployment, deployment.engines[0]!)
 * minReplicas <= maxReplicas // → true
 * ```
 */
export function renderedHpa(deployment: Deployment, engine: EnginePlan): HpaSettings {
  // It does not scale to zero: where that is wanted it is read as if it was not.
  const spec = specOf(deployment, engine, { autoscaler: 'hpa', scaleToZero: false })
  return {
    minReplicas: spec.minReplicas!,
    maxReplicas: spec.maxReplicas!,
    metrics: spec.metrics!.map((metric) => hpaMetric(metric, engine)),
    behavior: spec.behavior!,
  }
}

/**
 * As `hadal deploy render` would write it of this service with `autoscaler: 'keda'`.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { renderedKeda } from '@hadal/fleet'
 *
 * renderedKeda(deployment, deployment.engines[0]!).triggers.length > 0 // → true
 * ```
 */
export function renderedKeda(deployment: Deployment, engine: EnginePlan): KedaSettings {
  const spec = specOf(deployment, engine, { autoscaler: 'keda' })
  const triggers = spec.triggers!.map(({ name, metadata }) => ({
    signal: signalOf(name),
    target: Number(metadata.threshold),
    activation: Number(metadata.activationThreshold ?? 0),
    isZeroWhenMissing: metadata.query.endsWith(' or vector(0))'),
  }))
  const minReplicas = spec.minReplicaCount!
  const sleeps = spec.idleReplicaCount === 0 || minReplicas === 0
  return {
    hpa: {
      minReplicas: Math.max(1, minReplicas),
      maxReplicas: spec.maxReplicaCount!,
      metrics: triggers,
      behavior: spec.advanced!.horizontalPodAutoscalerConfig.behavior,
    },
    triggers,
    pollingMillis: spec.pollingInterval! * 1000,
    sleepAfterMillis: sleeps ? spec.cooldownPeriod! * 1000 : undefined,
  }
}

/** Fields of both kinds; each uses some of them. */
interface RenderedSpec {
  readonly minReplicas?: number
  readonly maxReplicas?: number
  readonly metrics?: readonly RenderedMetric[]
  readonly behavior?: HpaSettings['behavior']
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
  readonly idleReplicaCount?: number
  readonly pollingInterval?: number
  readonly cooldownPeriod?: number
  readonly advanced?: {
    readonly horizontalPodAutoscalerConfig: { readonly behavior: HpaSettings['behavior'] }
  }
  readonly triggers?: readonly {
    readonly name: string
    readonly metadata: {
      readonly query: string
      readonly threshold: string
      readonly activationThreshold?: string
    }
  }[]
}

interface RenderedMetric {
  readonly resource?: { readonly target: { readonly averageValue: string } }
  readonly external?: {
    readonly metric: { readonly name: string }
    readonly target: { readonly averageValue: string }
  }
}

function specOf(
  deployment: Deployment,
  engine: EnginePlan,
  scaling: Partial<Deployment['scaling']>,
): RenderedSpec {
  const scaled = { ...deployment, scaling: { ...deployment.scaling, ...scaling } }
  return autoscalerOf(scaled, { ...engine, isScaled: true })!.manifest.spec as RenderedSpec
}

function hpaMetric({ resource, external }: RenderedMetric, engine: EnginePlan): HpaMetric {
  if (external !== undefined)
    return {
      signal: external.metric.name.endsWith('-backlog') ? 'backlog' : 'busy',
      target: readQuantity(external.target.averageValue)!,
      isZeroWhenMissing: false,
    }
  // CPU utilisation: a fully busy engine uses its whole limit.
  const cores = readQuantity(engine.resources.limits.cpu ?? engine.resources.requests.cpu ?? '1')!
  const target = (100 * readQuantity(resource!.target.averageValue)!) / cores
  return { signal: 'busy', target, isZeroWhenMissing: false }
}

const signalOf = (trigger: string): 'backlog' | 'busy' | 'demand' =>
  trigger === 'backlog' ? 'backlog' : trigger === 'demand' ? 'demand' : 'busy'
