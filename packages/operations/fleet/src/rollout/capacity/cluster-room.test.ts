import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readQuantity } from '../../quantity.ts'
import type { KubeNode, KubePod, PodSpec, PodTemplate } from '../kube-objects.ts'
import { ClusterRoom } from './cluster-room.ts'
import { amountsOf, gpusIn, podNeeds } from './pod-needs.ts'
import { quotaShortage } from './quota-room.ts'

const node = (name: string, gpus: number, given: Partial<KubeNode> = {}): KubeNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  ...given,
  metadata: { name, labels: { 'kubernetes.io/hostname': name }, ...given.metadata },
  status: {
    allocatable: { cpu: '8', memory: '64Gi', pods: '10', ...(gpus > 0 ? { 'nvidia.com/gpu': gpus } : {}) },
    ...given.status,
  },
})
const template = (gpus: number, spec: PodSpec = {}): PodTemplate => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': gpus } } }], ...spec },
})
const pod = (nodeName: string, spec: PodSpec, phase = 'Running'): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p-${nodeName}`, labels: { app: 'x' } },
  spec: { ...spec, nodeName },
  status: { phase },
})
const placed = (room: ClusterRoom, given: PodTemplate): string | undefined => room.place(given)?.nodeName

describe('quantities', () => {
  it.each([
    ['500m', 0.5],
    ['4', 4],
    [4, 4],
    ['16Gi', 16 * 2 ** 30],
    ['1.5k', 1500],
    ['1e3', 1000],
    ['2E', 2e18],
    ['.5', 0.5],
  ])('%s is %d', (given, amount) => expect(readQuantity(given)).toBeCloseTo(amount, 9))
  it.each(['', 'x', '1 Gi', '1gi', '--1', '1ee3', '0x10'])('%j is none', (given) =>
    expect(readQuantity(given)).toBeUndefined(),
  )
  it('reads whatever text without throwing', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => readQuantity(text) === undefined || Number.isFinite(readQuantity(text)),
      ),
    )
  })
})

describe('what a pod needs', () => {
  it('is the larger of what runs and what starts, with sidecars in both', () => {
    const needs = podNeeds({
      initContainers: [
        { name: 'early', resources: { requests: { cpu: '6' } } },
        { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
        { name: 'late', resources: { requests: { cpu: '2' } } },
      ],
      containers: [{ name: 'c', resources: { requests: { cpu: '3' }, limits: { memory: '1Gi' } } }],
      overhead: { cpu: '250m' },
    })
    expect(needs.get('cpu')).toBe(6.25)
    expect(needs.get('memory')).toBe(2 ** 30)
    expect(needs.get('pods')).toBe(1)
  })
  it('counts slices of GPUs as GPUs', () => {
    expect(gpusIn(amountsOf({ 'nvidia.com/gpu': 1, 'nvidia.com/mig-1g.10gb': 2, cpu: 8 }))).toBe(3)
  })
})

describe('room', () => {
  it('is by node: four free GPUs on four nodes hold no pod of four', () => {
    const room = new ClusterRoom(
      ['a', 'b', 'c', 'd'].map((name) => node(name, 1)),
      [],
    )
    expect(room.gpus()).toMatchObject({ total: 4, free: 4, maxOnOneNode: 1 })
    expect(placed(room, template(4))).toBeUndefined()
    expect(room.whyNowhere(template(4))).toBe('4 nodes with 1 nvidia.com/gpu free, but 4 are needed')
    expect(new ClusterRoom([], []).whyNowhere(template(4))).toBe('the cluster has no nodes')
  })
  it('is what pods leave, also those that are ending; what ended holds nothing', () => {
    const nodes = [node('a', 4)]
    const held = pod('a', template(1).spec!)
    const ending = { ...held, metadata: { ...held.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    const ended = pod('a', template(1).spec!, 'Succeeded')
    expect(new ClusterRoom(nodes, [held, ending, ended]).gpus().free).toBe(2)
  })
  it('ends with CPU, memory and the number of pods, too', () => {
    const big: PodSpec = { containers: [{ name: 'c', resources: { requests: { memory: '100Gi' } } }] }
    const room = new ClusterRoom([node('a', 1)], [])
    expect(room.whyNowhere({ spec: big })).toBe('1 node with 64 GiB of memory free, but 100 GiB needed')
    for (let count = 0; count < 10; count++) expect(placed(room, { spec: {} })).toBe('a')
    expect(room.whyNowhere({ spec: {} })).toBe('1 node with 0 pods free, but 1 is needed')
  })
  it('fills the fullest node that fits, and keeps the empty one for large pods', () => {
    const room = new ClusterRoom([node('a', 4), node('b', 4)], [pod('b', template(2).spec!)])
    expect([placed(room, template(2)), placed(room, template(4))]).toEqual(['b', 'a'])
  })
  it.each<[string, Partial<KubeNode>, PodSpec, boolean]>([
    ['a taint', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }, {}, false],
    [
      'a taint that only prefers',
      { spec: { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] } },
      {},
      true,
    ],
    [
      'a toleration',
      { spec: { taints: [{ key: 'gpu', value: 'a', effect: 'NoSchedule' }] } },
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      true,
    ],
    [
      'one of another value',
      { spec: { taints: [{ key: 'gpu', value: 'a', effect: 'NoSchedule' }] } },
      { tolerations: [{ key: 'gpu', value: 'b' }] },
      false,
    ],
    [
      'one of all',
      { spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } },
      { tolerations: [{ operator: 'Exists' }] },
      true,
    ],
    ['a cordon', { spec: { unschedulable: true } }, {}, false],
    [
      'a node that is not ready',
      { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      {},
      false,
    ],
    ['a selector', {}, { nodeSelector: { zone: 'a' } }, false],
    [
      'one that is met',
      { metadata: { name: 'a', labels: { zone: 'a' } } },
      { nodeSelector: { zone: 'a' } },
      true,
    ],
    ['affinity', { metadata: { name: 'a', labels: { size: '8' } } }, affinity('size', 'Gt', '4'), true],
    ['affinity that is not met', {}, affinity('size', 'In', '4'), false],
    ['an unknown operator', {}, affinity('size', 'Near', '4'), false],
  ])('%s', (_, given, spec, fits) => {
    const room = new ClusterRoom([node('a', 1, given)], [])
    expect(placed(room, { spec }) !== undefined).toBe(fits)
    if (!fits) expect(room.whyNowhere({ spec })).toMatch(/^1 node /)
  })
  it('is closed to pods that refuse to share a node', () => {
    const spec: PodSpec = {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } },
          ],
        },
      },
    }
    const room = new ClusterRoom([node('a', 4), node('b', 4)], [])
    const places = [1, 2, 3].map(() => placed(room, template(1, spec)))
    expect(places.slice(0, 2).sort()).toEqual(['a', 'b'])
    expect(places[2]).toBeUndefined()
  })
  it('never holds more than there is, and gives back what it took', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
        (nodes, pods) => {
          const room = new ClusterRoom(
            nodes.map((gpus, index) => node(`n${index}`, gpus)),
            [],
          )
          const placements = pods.flatMap((gpus) => room.place(template(gpus)) ?? [])
          for (const { free } of room.gpus().byNode) expect(free).toBeGreaterThanOrEqual(0)
          const held = placements.reduce((sum, { needs }) => sum + gpusIn(needs), 0)
          expect(room.gpus().free + held).toBe(room.gpus().total)
          for (const placement of placements) room.takeOff(placement)
          expect(room.gpus().free).toBe(room.gpus().total)
        },
      ),
    )
  })
})

describe('quotas', () => {
  const quota = (
    hard: Record<string, string>,
    used: Record<string, string> = {},
  ): Parameters<typeof quotaShortage>[0][number] => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team' },
    status: { hard, used },
  })
  const two = [podNeeds(template(1).spec!), podNeeds(template(1).spec!)]
  it('name what is short', () => {
    expect(
      quotaShortage([quota({ 'requests.nvidia.com/gpu': '4' }, { 'requests.nvidia.com/gpu': '3' })], two),
    ).toEqual({
      quota: 'team',
      resource: 'requests.nvidia.com/gpu',
      needed: 2,
      left: 1,
    })
    expect(quotaShortage([quota({ pods: '1' })], two)?.resource).toBe('pods')
    expect(
      quotaShortage([quota({ 'limits.cpu': '0', secrets: '0', 'requests.nvidia.com/gpu': '2' })], two),
    ).toBeUndefined()
  })
})

function affinity(key: string, operator: string, value: string): PodSpec {
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values: [value] }] }],
        },
      },
    },
  }
}
