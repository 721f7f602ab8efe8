import { describe, expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from '../../test/deployments.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { engineAccess, gatewayAccess } from './access.ts'
import { networkPolicies } from './network.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields of objects are looked into.
type Any = any

const policyOf = (deployment: Deployment, name: string): Any =>
  networkPolicies(deployment).find(({ metadata }) => metadata.name === name)?.spec
const portsTo = (rules: readonly Any[], where: (rule: Any) => boolean): number[] =>
  rules.filter(where).flatMap(({ ports = [] }) => ports.map(({ port }: Any) => port))
const anywhere = ({ to }: Any): boolean => to === undefined

describe('networkPolicies', () => {
  it('deny what is not named, for the pods of this service alone', () => {
    expect(policyOf(laptop, 'hadal-deny')).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'hadal' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    })
  })

  it('let only gateways and the monitoring namespace ask an engine', () => {
    const [{ from, ports }, ...more] = policyOf(gpuNode, 'hadal-engine').ingress
    expect(more).toEqual([])
    expect(ports).toEqual([{ protocol: 'TCP', port: 8080 }])
    expect(from).toEqual([
      { podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'gateway' }) } },
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ])
    const unwatched = { ...gpuNode, monitoring: { ...gpuNode.monitoring, how: 'none' as const } }
    expect(policyOf(unwatched, 'hadal-engine').ingress[0].from).toHaveLength(1)
  })

  it('let an engine out to the hub only where it downloads', () => {
    expect(portsTo(policyOf(gpuNode, 'hadal-engine').egress, anywhere)).toEqual([53, 53, 443])
    expect(portsTo(policyOf(laptop, 'hadal-engine').egress, anywhere)).toEqual([53, 53])
  })

  it('let gateways out to engines, upstreams, a database and the API server', () => {
    const { egress } = policyOf(vllm8gpu, 'deepseek-gateway')
    expect(portsTo(egress, (rule) => !anywhere(rule))).toEqual([8000])
    expect(portsTo(egress, anywhere)).toEqual(expect.arrayContaining([53, 443, 6443]))
    const alone = {
      ...laptop,
      engines: [],
      gateway: { ...laptop.gateway, config: { models: [] }, secrets: [] },
    }
    expect(portsTo(policyOf(alone, 'hadal-gateway').egress, () => true)).toEqual([53, 53])
    const withDatabase = { ...alone, gateway: { ...alone.gateway, databasePort: 5433 } }
    expect(portsTo(policyOf(withDatabase, 'hadal-gateway').egress, () => true)).toEqual([53, 53, 5433])
  })

  it('allow gateway egress to Services in the namespace and to SRV targets on any port', () => {
    const finding = (discover: object): Deployment => ({
      ...laptop,
      gateway: { ...laptop.gateway, config: { models: [{ id: 'a', upstream: { discover } }] } },
    })
    const others = finding({ kubernetes: { service: 'vllm', port: 'http' } })
    expect(policyOf(others, 'hadal-gateway').egress).toContainEqual({ to: [{ podSelector: {} }] })
    const own = finding({ kubernetes: { service: 'hadal-engine', port: 'http' } })
    expect(policyOf(own, 'hadal-gateway').egress).not.toContainEqual({ to: [{ podSelector: {} }] })
    const srv = finding({ srv: '_http._tcp.vllm.example.com' })
    expect(policyOf(srv, 'hadal-gateway').egress).toContainEqual({ ports: [{ protocol: 'TCP' }] })
  })

  it('let an engine out to the port of the URL that it downloads from', () => {
    const [engine] = gpuNode.engines
    const { image } = engine!.model.download!
    const command = ['sh', '-c', "hadal models pull 'http://files.example.com:8081/m.gguf' && true"]
    const model = { ...engine!.model, download: { image, command } }
    const deployment = { ...gpuNode, engines: [{ ...engine!, model }] }
    expect(portsTo(policyOf(deployment, 'hadal-engine').egress, anywhere)).toEqual([53, 53, 443, 8081])
  })

  it('let the pods of a group talk to each other', () => {
    const group = { ...vllm8gpu, engines: vllm8gpu.engines.map((engine) => ({ ...engine, nodes: 2 })) }
    const { ingress, egress } = policyOf(group, 'deepseek-engine')
    const peers = {
      podSelector: { matchLabels: expect.objectContaining({ 'hadal.dev/engine': 'deepseek-engine' }) },
    }
    expect(ingress).toContainEqual({ from: [peers] })
    expect(egress).toContainEqual({ to: [peers] })
  })
})

describe('access', () => {
  it('is to list and watch endpoints for gateways that ask for them, and nothing for engines', () => {
    const [account, role] = gatewayAccess(laptop) as readonly Any[]
    expect(account.automountServiceAccountToken).toBe(true)
    expect(role.rules).toEqual([
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ])
    expect(engineAccess(laptop)).toMatchObject([{ automountServiceAccountToken: false }])
  })

  it('is not granted to gateways without upstreams', () => {
    const alone = { ...laptop, gateway: { ...laptop.gateway, config: { models: [] } } }
    expect(gatewayAccess(alone)).toMatchObject([
      { kind: 'ServiceAccount', automountServiceAccountToken: false },
    ])
  })
})
