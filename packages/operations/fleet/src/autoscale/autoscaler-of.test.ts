import { describe, expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from '../../test/deployments.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { autoscalerOf } from './autoscaler-of.ts'

// biome-ignore lint/suspicious/noExplicitAny: objects of two kinds are looked into.
type Any = any

function scaled(
  deployment: Deployment,
  scaling: Partial<Deployment['scaling']>,
  engine: object = {},
): Deployment {
  return {
    ...deployment,
    scaling: { ...deployment.scaling, ...scaling },
    engines: deployment.engines.map((each) => ({ ...each, isScaled: true, ...engine })),
  }
}
const specOf = (deployment: Deployment): Any =>
  (autoscalerOf(deployment, deployment.engines[0]!)?.manifest as Any)?.spec

describe('KEDA', () => {
  it('goes up at once and down slowly, between the bounds', () => {
    const spec = specOf(vllm8gpu)
    expect(spec.scaleTargetRef).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'deepseek-engine',
    })
    const { behavior } = spec.advanced.horizontalPodAutoscalerConfig
    expect(behavior.scaleUp).toMatchObject({
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    })
    expect(behavior.scaleDown.stabilizationWindowSeconds).toBe(300)
    expect(behavior.scaleDown.tolerance).toBeUndefined()
    expect([spec.minReplicaCount, spec.maxReplicaCount]).toEqual([1, 4])
    // Only the step to zero has a cooldown.
    expect(spec.cooldownPeriod).toBeUndefined()
    // Older KEDAs reject the one fallback that would not shrink a service without metrics.
    expect(spec.fallback).toBeUndefined()
  })

  it('asks for one number, of this engine alone, and takes no answer for no zero', () => {
    const [backlog, gpu, ...more] = specOf(vllm8gpu).triggers
    expect(more).toEqual([])
    expect(backlog.metadata).toMatchObject({
      serverAddress: 'http://prometheus-operated.monitoring.svc:9090',
      threshold: '8',
      ignoreNullValues: 'false',
    })
    expect(backlog.metadata.query).toMatch(/^sum\(vllm:num_requests_waiting\{.*model_name="deepseek-v3"\}\)$/)
    expect(gpu.metadata.threshold).toBe('70')
    expect(gpu.metadata.query).toBe(
      'sum(DCGM_FI_DEV_GPU_UTIL{exported_namespace="models",exported_pod=~"deepseek-engine-[a-z0-9]+(-[a-z0-9]{5})?"} <= 100) / 8',
    )
  })

  it('lets the last engine go only after a start would have had its time, and wakes it by what clients ask', () => {
    const deployment = scaled(vllm8gpu, { minReplicas: 0, scaleToZero: true })
    const spec = specOf(deployment)
    const [{ times }] = deployment.engines as [Any]
    const startup = times.probePeriodSeconds * times.startupFailureThreshold
    expect(spec.cooldownPeriod).toBeGreaterThan(startup + 300)
    expect(spec.initialCooldownPeriod).toBe(spec.cooldownPeriod)
    expect(spec.minReplicaCount).toBe(0)
    expect(spec.idleReplicaCount).toBeUndefined()
    const [backlog, gpu, demand] = spec.triggers
    expect(backlog.metadata.query).toMatch(/ or vector\(0\)\)$/)
    expect(gpu.metadata.activationThreshold).toBe('30')
    expect(demand.metadata).toMatchObject({ threshold: '1000000', activationThreshold: '0' })
    expect(demand.metadata.query).toContain('hadal_http_requests_total')
  })

  it('has a least number while it is awake, and none when it sleeps', () => {
    expect(specOf(scaled(vllm8gpu, { minReplicas: 2, scaleToZero: true }))).toMatchObject({
      idleReplicaCount: 0,
      minReplicaCount: 2,
    })
  })

  it('goes by places in batches where there are no GPUs: the line alone is empty while engines are enough', () => {
    const triggersOf = (deployment: Deployment): string[] =>
      specOf(deployment).triggers.map(({ name }: Any) => name)
    const onProcessors = scaled(laptop, { autoscaler: 'keda' })
    expect(triggersOf(onProcessors)).toEqual(['backlog', 'places-percent'])
    expect(specOf(onProcessors).triggers[1].metadata).toMatchObject({ threshold: '70' })
    expect(triggersOf(scaled(laptop, { autoscaler: 'keda' }, { kind: 'vllm' }))).toEqual(['backlog'])
    expect(triggersOf(scaled(vllm8gpu, {}))).toEqual(['backlog', 'gpu-percent'])
  })
})

describe('HorizontalPodAutoscaler', () => {
  it('goes by the CPU that an engine may use where there are no GPUs', () => {
    const spec = specOf(scaled(laptop, { autoscaler: 'hpa' }))
    expect(spec.metrics).toEqual([
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1400m' } },
      },
    ])
    expect(spec.minReplicas).toBe(1)
  })

  it('goes by external metrics where there are, and says what its adapter needs', () => {
    const deployment = scaled(gpuNode, { autoscaler: 'hpa', backlogPerReplica: 2.5 })
    const { about } = autoscalerOf(deployment, deployment.engines[0]!)!
    const { metrics } = specOf(deployment)
    expect(metrics.map(({ external }: Any) => [external.metric.name, external.target.averageValue])).toEqual([
      ['hadal-engine-backlog', '2500m'],
      ['hadal-engine-gpu-percent', '70'],
    ])
    expect(about).toContain("- seriesQuery: 'DCGM_FI_DEV_GPU_UTIL'")
    expect(about).toContain("- seriesQuery: 'vllm:num_requests_waiting'")
    expect(about).toContain('name: { as: hadal-engine-gpu-percent }')
  })

  it('scales the groups of engines on several nodes', () => {
    const deployment = scaled(gpuNode, { autoscaler: 'hpa' }, { nodes: 2 })
    expect(specOf(deployment).scaleTargetRef).toEqual({
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      name: 'hadal-engine-group',
    })
  })
})

it('no engine is scaled without a configured autoscaler', () => {
  expect(autoscalerOf(laptop, laptop.engines[0]!)).toBeUndefined()
  const unscaled = scaled(laptop, { autoscaler: 'none' })
  expect(autoscalerOf(unscaled, unscaled.engines[0]!)).toBeUndefined()
})
