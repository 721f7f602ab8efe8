/** KEDA ScaledObjects of engines, driven by Prometheus. https://keda.sh/docs/latest/reference/scaledobject-spec/ */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { workloadOf } from '../manifests/engine-group.ts'
import { engineStartSeconds } from '../manifests/engine-rollout.ts'
import { engineLabelsOf } from '../manifests/labels.ts'
import { idleSeconds, scalingBehavior } from './behavior.ts'
import { prometheusUrlOf } from './prometheus-url.ts'
import { scalingQueries } from './queries.ts'

export function scaledObject(deployment: Deployment, engine: EnginePlan): Manifest {
  const { scaling, namespace } = deployment
  const { maxReplicas } = scaling
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: engine.name, namespace, labels: engineLabelsOf(deployment, engine) },
    spec: {
      scaleTargetRef: workloadOf(engine),
      pollingInterval: 15,
      ...replicaBounds(deployment, engine),
      maxReplicaCount: maxReplicas,
      // No `fallback`: if Prometheus does not respond, the HorizontalPodAutoscaler keeps the replica count. A fallback would scale
      // down a busy service without metrics. KEDA 2.17's `behavior` prevents that, but older versions reject it.
      advanced: { horizontalPodAutoscalerConfig: { behavior: scalingBehavior(deployment) } },
      triggers: triggersOf(deployment, engine),
    },
  }
}

/**
 * `cooldownPeriod` is only about the step to zero; every other step is `behavior`. It is longer than a start, or a pod that still
 * loads would be taken away before the request that woke it comes again.
 */
function replicaBounds({ scaling }: Deployment, engine: EnginePlan): Readonly<Record<string, number>> {
  const { minReplicas, scaleToZero } = scaling
  if (!scaleToZero) return { minReplicaCount: Math.max(1, minReplicas) }
  const cooldown = idleSeconds(scaling) + engineStartSeconds(engine)
  return {
    // Zero when idle, otherwise at least this minimum.
    ...(minReplicas > 0 && { idleReplicaCount: 0 }),
    minReplicaCount: minReplicas,
    cooldownPeriod: cooldown,
    initialCooldownPeriod: cooldown,
  }
}

function triggersOf(deployment: Deployment, engine: EnginePlan): readonly object[] {
  const { backlogPerReplica, gpuHighPercent, gpuLowPercent, scaleToZero } = deployment.scaling
  const { backlog, gpu, places, demand } = scalingQueries(deployment, engine)
  const trigger = (name: string, query: string, threshold: number, activation: number): object => ({
    type: 'prometheus',
    name,
    // The sum over all replicas divided by the threshold is how many there have to be.
    metricType: 'AverageValue',
    metadata: {
      serverAddress: prometheusUrlOf(deployment),
      query,
      threshold: String(threshold),
      ...(scaleToZero && { activationThreshold: String(activation) }),
      // No answer is no zero: an exporter that went silent must not look like an idle service.
      ignoreNullValues: 'false',
    },
  })
  return [
    trigger('backlog', backlog, backlogPerReplica, 0),
    ...(gpu === undefined ? [] : [trigger('gpu-percent', gpu, gpuHighPercent, gpuLowPercent)]),
    // By the line alone engines come and go all day: it is empty while they are enough.
    ...(places === undefined ? [] : [trigger('places-percent', places, gpuHighPercent, gpuLowPercent)]),
    // Only awake or not: it never asks for a second replica.
    ...(scaleToZero ? [trigger('demand', demand, 1_000_000, 0)] : []),
  ]
}
