import { describe, expect, it } from 'vitest'
import { gpuNode, vllm8gpu } from '../../test/deployments.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { manifestsOf } from '../manifests/manifest-files.ts'
import { networkPolicies } from '../manifests/network.ts'
import { scalerAccess, scalerConfigMap, scalerDeployment } from './scaler-manifests.ts'
import { scalerPlanOf } from './scaler-plan.ts'

// biome-ignore lint/suspicious/noExplicitAny: objects of several kinds are looked into.
type Any = any

const scaled = (deployment: Deployment, engine: object = {}, scaling: object = {}): Deployment => ({
  ...deployment,
  scaling: { ...deployment.scaling, autoscaler: 'hadal', ...scaling },
  engines: deployment.engines.map((each) => ({ ...each, isScaled: true, ...engine })),
})

describe('the scaler in a cluster', () => {
  it('may change the number of the engines that are named, and nothing else', () => {
    const [account, role] = scalerAccess(scaled(gpuNode)) as Any[]
    expect(account.automountServiceAccountToken).toBe(true)
    expect(role.rules).toEqual([
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['hadal-engine'], verbs: ['get'] },
      {
        apiGroups: ['apps'],
        resources: ['deployments/scale'],
        resourceNames: ['hadal-engine'],
        verbs: ['patch'],
      },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: ['hadal-scaler'],
        verbs: ['get', 'update'],
      },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ])
  })

  it('of engines on several nodes may do so with their groups', () => {
    const [, role] = scalerAccess(scaled(gpuNode, { nodes: 2 })) as Any[]
    expect(role.rules.slice(0, 2)).toEqual([
      {
        apiGroups: ['leaderworkerset.x-k8s.io'],
        resources: ['leaderworkersets'],
        resourceNames: ['hadal-engine-group'],
        verbs: ['get'],
      },
      {
        apiGroups: ['leaderworkerset.x-k8s.io'],
        resources: ['leaderworkersets/scale'],
        resourceNames: ['hadal-engine-group'],
        verbs: ['patch'],
      },
    ])
  })

  it('starts anew with another plan', () => {
    const name = (deployment: Deployment): string => scalerConfigMap(deployment).metadata.name
    const [before, after] = [scaled(gpuNode), scaled(gpuNode, {}, { gpuHighPercent: 80 })]
    expect(name(before)).not.toBe(name(after))
    const [volume] = (scalerDeployment(after) as Any).spec.template.spec.volumes
    expect(volume.configMap.name).toBe(name(after))
  })

  it('reads a plan that is whole as JSON', () => {
    const deployment = scaled(gpuNode, {}, { scaleToZero: true, minReplicas: 0 })
    const { data } = scalerConfigMap(deployment) as Any
    expect(JSON.parse(data['scaler.json'])).toEqual(JSON.parse(JSON.stringify(scalerPlanOf(deployment))))
    expect(data['scaler.json']).not.toContain('null')
  })

  it('uses a configured latency SLO, but not the default one', () => {
    const [unsaid] = scalerPlanOf(scaled(gpuNode)).models
    const [said] = scalerPlanOf(scaled(vllm8gpu)).models
    expect([unsaid!.policy.latencyMillis, said!.policy.latencyMillis]).toEqual([undefined, 30_000])
  })

  it('can reach Prometheus and the API server, and only Prometheus can reach it', () => {
    const policies = networkPolicies({
      ...scaled(vllm8gpu),
      monitoring: { ...vllm8gpu.monitoring, prometheusUrl: 'https://thanos.example:10902/query' },
    }) as Any[]
    const own = policies.find(({ metadata }) => metadata.name.endsWith('-scaler'))
    expect(own.spec.egress[1].ports.map(({ port }: Any) => port)).toEqual([443, 6443, 10902])
    expect(own.spec.ingress).toHaveLength(1)
    expect(own.spec.ingress[0].from[0].namespaceSelector).toBeDefined()
    expect(policies[0].spec.podSelector.matchExpressions[0].values).toContain('scaler')
  })

  it('is not there where something else scales, or nothing does', () => {
    for (const autoscaler of ['none', 'hpa', 'keda'] as const)
      expect(JSON.stringify(manifestsOf(scaled(gpuNode, {}, { autoscaler })))).not.toContain('hadal-scaler')
  })
})
