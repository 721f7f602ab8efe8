/**
 * HorizontalPodAutoscalers of engines. By default they see CPU and memory, which suffices for CPU engines. GPU and queue metrics
 * need an adapter that serves external metrics: `adapterRules` renders the rules for prometheus-adapter, and without one nothing is
 * scaled.
 */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { workloadOf } from '../manifests/engine-group.ts'
import { engineLabelsOf } from '../manifests/labels.ts'
import { scalingBehavior } from './behavior.ts'
import { scalingQueries } from './queries.ts'

export function horizontalPodAutoscaler(deployment: Deployment, engine: EnginePlan): Manifest {
  const { scaling, namespace } = deployment
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: engine.name, namespace, labels: engineLabelsOf(deployment, engine) },
    spec: {
      scaleTargetRef: workloadOf(engine),
      minReplicas: Math.max(1, scaling.minReplicas),
      maxReplicas: scaling.maxReplicas,
      metrics:
        engine.gpus === 0
          ? [cpuMetric(deployment, engine)]
          : externalMetrics(deployment, engine).map(({ name, averageValue }) => ({
              type: 'External',
              external: { metric: { name }, target: { type: 'AverageValue', averageValue } },
            })),
      behavior: scalingBehavior(deployment),
    },
  }
}

/** Relative to the limit, not the smaller request: one busy request would be 200 % of that. */
function cpuMetric({ scaling }: Deployment, { resources }: EnginePlan): object {
  const millicores = millicoresOf(resources.limits.cpu ?? resources.requests.cpu ?? '1')
  const averageValue = `${Math.round((millicores * scaling.gpuHighPercent) / 100)}m`
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue } } }
}

const millicoresOf = (quantity: string): number =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000

interface ExternalMetric {
  readonly name: string
  readonly averageValue: string
  readonly series: string
  readonly query: string
}

function externalMetrics(deployment: Deployment, engine: EnginePlan): readonly ExternalMetric[] {
  const { backlogPerReplica, gpuHighPercent } = deployment.scaling
  const { backlog, gpu } = scalingQueries(deployment, engine)
  const metric = (what: string, query: string, target: number): ExternalMetric => ({
    name: `${engine.name}-${what}`,
    averageValue: Number.isInteger(target) ? String(target) : `${Math.round(target * 1000)}m`,
    series: /[a-zA-Z_:]+(?=\{)|DCGM_\w+/.exec(query)![0],
    query,
  })
  return [
    metric('backlog', backlog, backlogPerReplica),
    ...(gpu === undefined ? [] : [metric('gpu-percent', gpu, gpuHighPercent)]),
  ]
}

/** For the values of prometheus-adapter's chart; undefined when there are no external metrics. */
export function adapterRules(deployment: Deployment, engine: EnginePlan): string | undefined {
  if (engine.gpus === 0) return undefined
  const rules = externalMetrics(deployment, engine).map(({ name, series, query }) =>
    [
      `    - seriesQuery: '${series}'`,
      '      resources: { namespaced: false }',
      `      name: { as: ${name} }`,
      `      metricsQuery: '${query}'`,
    ].join('\n'),
  )
  return ['rules:', '  external:', ...rules].join('\n')
}
