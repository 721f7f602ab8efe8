/** The autoscaled service under test: only scaling and the replica limits are configured. */

import { checkService, resolveSettings, serviceSettings } from '@hadal/config'
import {
  hadalScaler,
  hpaScaler,
  planDeployment,
  renderedHpa,
  type ScalerMaker,
  type ScalingPolicy,
  scalerPlanOf,
} from '@hadal/fleet'

export const maxEngines = 12
export const stepMillis = 15_000

export interface Scalers {
  readonly policy: ScalingPolicy
  readonly hadal: ScalerMaker
  /** What Kubernetes would do with what `hadal deploy render` writes for the same service. */
  readonly hpa: ScalerMaker
}

/** `startMillis`: from the request for an engine until it is ready. */
export function scalersOf(startMillis: number): Scalers {
  const config = {
    model: 'org/model-7B-GGUF:Q8_0',
    scaling: { autoscaler: 'hadal', minReplicas: 1, maxReplicas: maxEngines },
  }
  const { values } = resolveSettings(
    serviceSettings,
    { file: { path: 'hadal.config.ts', values: config } },
    { check: checkService },
  )
  const deployment = planDeployment({
    service: values,
    said: new Set(['model', 'scaling']),
    version: '0',
  })
  const policy = { ...scalerPlanOf(deployment).models[0]!.policy, startMillis }
  return {
    policy,
    hadal: hadalScaler(policy),
    hpa: hpaScaler(renderedHpa(deployment, deployment.engines[0]!)),
  }
}
