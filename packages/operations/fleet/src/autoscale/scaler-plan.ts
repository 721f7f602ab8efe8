/**
 * The plan of `hadal scale` as plain JSON, derived from a deployment, so that the controller needs neither the config nor model
 * files. Pure.
 */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { workloadOf } from '../manifests/engine-group.ts'
import { typicalStartSeconds } from '../manifests/engine-rollout.ts'
import { nameWith } from '../manifests/labels.ts'
import { type ScalingPolicy, scalingPolicyOf } from '../scaling/scaling-policy.ts'
import { latencyWindowSeconds, type ObservationQueries, observationQueries } from './observation-queries.ts'
import { prometheusUrlOf } from './prometheus-url.ts'

export interface ScalerPlan {
  /** Version of this format. */
  readonly version: 1
  /** Name of the scaler, its account and its Lease. */
  readonly name: string
  readonly namespace: string
  readonly prometheusUrl: string
  readonly checkIntervalMillis: number
  readonly models: readonly ScaledModel[]
}

export interface ScaledModel {
  readonly model: string
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string }
  readonly policy: ScalingPolicy
  readonly queries: ObservationQueries
}

/**
 * Plan for all engines, including those that another autoscaler scales: used by `hadal scale --dry-run`.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { scalerPlanOf } from '@hadal/fleet'
 *
 * const { models, checkIntervalMillis } = scalerPlanOf(deployment)
 * models.map(({ model }) => model) // → [ 'model-7B-GGUF:Q8_0' ]
 * ```
 */
export function scalerPlanOf(deployment: Deployment): ScalerPlan {
  return {
    version: 1,
    name: scalerName(deployment),
    namespace: deployment.namespace,
    prometheusUrl: prometheusUrlOf(deployment),
    checkIntervalMillis: deployment.scaling.checkIntervalMillis,
    models: deployment.engines.map((engine) => ({
      model: engine.modelId,
      target: workloadOf(engine),
      policy: policyOf(deployment, engine),
      queries: observationQueries(deployment, engine),
    })),
  }
}

/** @internal */
export const scalerName = ({ name }: Pick<Deployment, 'name'>): string => nameWith(name, 'scaler')

/** Long answers exceed the default SLO with any number of engines, so only a configured SLO is a reason for more. */
function policyOf(deployment: Deployment, engine: EnginePlan): ScalingPolicy {
  const policy = {
    ...scalingPolicyOf(deployment, typicalStartSeconds(engine) * 1000),
    latencyWindowMillis: latencyWindowSeconds(deployment) * 1000,
  }
  return deployment.slo.isDefault ? { ...policy, latencyMillis: undefined } : policy
}
