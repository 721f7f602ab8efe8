import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../manifest.ts'
import {
  type KubeNode,
  type KubeObject,
  type KubePod,
  type KubeWorkload,
  objectKey,
} from '../kube-objects.ts'
import { planRollout } from './plan-rollout.ts'
import type { ClusterState, RolloutInput, RolloutPlan } from './rollout-plan.ts'
import {
  inPlace,
  recreate,
  strategyText,
  surgeByOne,
  withStrategy,
  writtenStrategy,
} from './rollout-strategy.ts'

const node = (name: string, gpus: number): KubeNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': gpus } },
})

interface Given {
  readonly name?: string
  readonly replicas?: number
  readonly gpus?: number
  readonly image?: string
  readonly strategy?: object
  readonly claim?: string
}

function deployment({
  name = 'e',
  replicas = 2,
  gpus = 1,
  image = 'e:1',
  strategy,
  claim,
}: Given = {}): KubeWorkload {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'n' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      ...(strategy === undefined ? {} : { strategy }),
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'c', image, resources: { limits: { 'nvidia.com/gpu': gpus } } }],
          ...(claim === undefined
            ? {}
            : { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }] }),
        },
      },
    },
  }
}

const podsOf = (workload: KubeWorkload, ...nodes: string[]): KubePod[] =>
  nodes.map((nodeName, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${workload.metadata.name}-${index}`,
      namespace: 'n',
      labels: { app: workload.metadata.name },
    },
    spec: { ...workload.spec!.template!.spec, nodeName },
    status: { phase: 'Running' },
  }))

const emptyCluster: ClusterState = {
  nodes: [],
  pods: [],
  quotas: [],
  scalers: [],
  disruptionBudgets: [],
  replicaSets: [],
  claims: [],
  missingSecrets: [],
  served: new Set([
    'apps/v1/Deployment',
    'apps/v1/StatefulSet',
    'v1/Service',
    'v1/ConfigMap',
    'v1/PersistentVolumeClaim',
    'leaderworkerset.x-k8s.io/v1/LeaderWorkerSet',
  ]),
}

function plan(
  wanted: readonly Manifest[],
  current: readonly KubeObject[],
  cluster: Partial<ClusterState>,
  given: Partial<RolloutInput> = {},
): RolloutPlan {
  return planRollout({
    wanted,
    current,
    ours: [],
    cluster: { ...emptyCluster, ...cluster },
    results: new Map(),
    strategy: 'auto',
    prune: false,
    skipMissing: false,
    manager: 'hadal',
    ...given,
  })
}

const chosen = ({ workloads }: RolloutPlan): string[] =>
  workloads.map(({ strategy, ends }) => (ends ? strategy.how : 'never'))
const codes = ({ blockers }: RolloutPlan): string[] => blockers.map(({ code }) => code)
const next = { image: 'e:2' }

describe('the strategy', () => {
  it('is a surge when a new pod fits alongside the old ones', () => {
    const live = deployment()
    const done = plan([deployment(next)], [live], { nodes: [node('a', 3)], pods: podsOf(live, 'a', 'a') })
    expect(chosen(done)).toEqual(['surge'])
    expect(done.objects[0]!.manifest.spec).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    })
  })

  it('is in place where every GPU is held, and says so', () => {
    const live = deployment({ replicas: 4 })
    const done = plan([deployment({ ...next, replicas: 4 })], [live], {
      nodes: [node('a', 4)],
      pods: podsOf(live, 'a', 'a', 'a', 'a'),
    })
    expect(chosen(done)).toEqual(['inPlace'])
    expect(done.workloads[0]!.why).toBe(
      'maxSurge 0, maxUnavailable 1: 4 replicas hold all 4 GPUs, and a surge needs 1 more',
    )
  })

  it('is in place where a surge would end now, and no later one would', () => {
    const live = deployment({ replicas: 2 })
    const of = (gpus: number, scalers: readonly KubeObject[] = []): string => {
      const { replicas: _, ...spec } = deployment(next).spec!
      const wanted = scalers.length > 0 ? { ...deployment(next), spec } : deployment({ ...next, replicas: 4 })
      const done = plan([wanted], [live], { nodes: [node('a', gpus)], pods: podsOf(live, 'a', 'a'), scalers })
      return `${chosen(done)} ${done.workloads[0]!.why}`
    }
    expect(of(5)).toContain('surge')
    expect(of(4)).toContain(
      'inPlace maxSurge 0, maxUnavailable 1: a new pod does not fit next to the old ones',
    )
    const scaler = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 's', namespace: 'n' },
      spec: { scaleTargetRef: { name: 'e' }, maxReplicaCount: 4 },
    }
    expect(of(5, [scaler])).toContain('surge')
    expect(of(4, [scaler])).toContain(
      'inPlace maxSurge 0, maxUnavailable 1: no capacity for a surge is left next to 4 replicas, the maximum of its autoscaler',
    )
  })

  it('is in place also where new pods are larger, while those that go make room', () => {
    const live = deployment({ replicas: 2, gpus: 1 })
    const done = plan([deployment({ ...next, replicas: 2, gpus: 2 })], [live], {
      nodes: [node('a', 2), node('b', 2)],
      pods: podsOf(live, 'a', 'b'),
    })
    expect(chosen(done)).toEqual(['inPlace'])
  })

  it('is Recreate when anti-affinity keeps new pods off the nodes of old ones', () => {
    const live = deployment()
    const wanted = deployment(next)
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { version: '1' } } },
      ],
    }
    const template = {
      ...wanted.spec!.template,
      spec: { ...wanted.spec!.template!.spec, affinity: { podAntiAffinity } },
    }
    const pods = podsOf(live, 'a', 'a').map((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, version: '1' } },
    }))
    const done = plan([{ ...wanted, spec: { ...wanted.spec, template } }], [live], {
      nodes: [node('a', 4)],
      pods,
    })
    expect(chosen(done)).toEqual(['recreate'])
    expect(done.workloads[0]!.why).toBe(
      'Recreate: a new pod does not fit in place of an old one: 1 node with a pod that this one must not share a node with; the service is down until new pods are ready',
    )
  })

  it('is in place where one node alone may mount the volume and is full, and Recreate where one pod alone may', () => {
    const live = deployment({ replicas: 1, claim: 'm' })
    const claim = (mode: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'm', namespace: 'n' },
      spec: { accessModes: [mode] },
    })
    const of = (mode: string, gpus: number): string[] =>
      chosen(
        plan([deployment({ ...next, replicas: 1, claim: 'm' })], [live], {
          nodes: [node('a', gpus), node('b', 4)],
          pods: podsOf(live, 'a'),
          claims: [claim(mode)],
        }),
      )
    expect(of('ReadWriteMany', 1)).toEqual(['surge'])
    expect(of('ReadWriteOnce', 2)).toEqual(['surge'])
    expect(of('ReadWriteOnce', 1)).toEqual(['inPlace'])
    expect(of('ReadWriteOncePod', 4)).toEqual(['inPlace'])
  })

  it('lets two workloads share one spare GPU', () => {
    const [a, b] = [deployment({ name: 'a' }), deployment({ name: 'b' })]
    const wanted = [deployment({ name: 'a', ...next }), deployment({ name: 'b', ...next })]
    const pods = [...podsOf(a, 'x', 'x'), ...podsOf(b, 'x', 'x')]
    expect(chosen(plan(wanted, [a, b], { nodes: [node('x', 5)], pods }))).toEqual(['surge', 'surge'])
    const grown = [deployment({ name: 'a', ...next, replicas: 3 }), wanted[1]!]
    expect(chosen(plan(grown, [a, b], { nodes: [node('x', 5)], pods }))).toEqual(['inPlace', 'inPlace'])
  })

  it('counts whole groups of a LeaderWorkerSet', () => {
    const group = (image: string): KubeWorkload => ({
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: { name: 'g', namespace: 'n' },
      spec: {
        replicas: 1,
        leaderWorkerTemplate: {
          size: 2,
          workerTemplate: {
            spec: { containers: [{ name: 'c', image, resources: { limits: { 'nvidia.com/gpu': 8 } } }] },
          },
        },
      },
    })
    const pods: KubePod[] = ['a', 'b'].map((nodeName) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: nodeName,
        namespace: 'n',
        labels: { 'leaderworkerset.sigs.k8s.io/name': 'g', 'leaderworkerset.sigs.k8s.io/group-index': '0' },
      },
      spec: { ...group('x').spec!.leaderWorkerTemplate!.workerTemplate!.spec, nodeName },
    }))
    const three = plan([group('y')], [group('x')], {
      nodes: ['a', 'b', 'c'].map((name) => node(name, 8)),
      pods,
    })
    expect(chosen(three)).toEqual(['inPlace'])
    expect(three.workloads[0]!.gpusEach).toBe(16)
    const four = plan([group('y')], [group('x')], {
      nodes: ['a', 'b', 'c', 'd'].map((name) => node(name, 8)),
      pods,
    })
    expect(chosen(four)).toEqual(['surge'])
  })

  it('stays as it was where no pod is replaced, and is not chosen for others who wrote one', () => {
    const live = deployment({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    })
    const wanted = deployment({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    })
    const kept = plan([wanted], [live], { nodes: [node('a', 2)], pods: podsOf(live, 'a', 'a') })
    expect(kept.objects[0]).toMatchObject({
      action: 'unchanged',
      manifest: { spec: { strategy: live.spec!.strategy } },
    })
    const written = plan(
      [deployment({ ...next, strategy: wanted.spec!.strategy! })],
      [live],
      { nodes: [node('a', 2)], pods: podsOf(live, 'a', 'a') },
      { strategy: 'written' },
    )
    expect(codes(written)).toEqual(['rollout_would_deadlock'])
    expect(written.blockers[0]!.message).toContain(
      '2 replicas hold all 2 GPUs, and a surge needs 1 more; the manifest sets maxSurge 1, maxUnavailable 0',
    )
  })

  it('is as Kubernetes rounds shares', () => {
    const of = (replicas: number, rollingUpdate?: object): string =>
      strategyText(
        writtenStrategy(
          deployment({ strategy: { ...(rollingUpdate === undefined ? {} : { rollingUpdate }) } }),
          replicas,
        ),
      )
    expect([1, 3, 4, 10].map((replicas) => of(replicas))).toEqual([
      'maxSurge 1, maxUnavailable 0',
      'maxSurge 1, maxUnavailable 0',
      'maxSurge 1, maxUnavailable 1',
      'maxSurge 3, maxUnavailable 2',
    ])
    expect(of(3, { maxSurge: 0, maxUnavailable: '25%' })).toBe('maxSurge 0, maxUnavailable 1')
    expect(strategyText(writtenStrategy(deployment({ strategy: { type: 'Recreate' } }), 3))).toBe('Recreate')
  })

  it('is written so that a server takes it', () => {
    expect(withStrategy(deployment(), recreate).spec).toMatchObject({
      strategy: { type: 'Recreate', rollingUpdate: null },
    })
    expect(withStrategy(deployment(), inPlace).spec).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    })
    const group = { ...deployment(), kind: 'LeaderWorkerSet' }
    expect(withStrategy(group, surgeByOne).spec).toMatchObject({
      rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: 1, maxUnavailable: 1 } },
    })
  })
})

describe('the plan', () => {
  const configMap = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'n' },
    data: { a: '1' },
  })

  it('refuses what finds no room, and more pods than fit', () => {
    expect(codes(plan([deployment({ replicas: 3 })], [], { nodes: [node('a', 2)] }))).toEqual([
      'rollout_does_not_fit',
    ])
    const live = deployment()
    const more = plan([deployment({ replicas: 4 })], [live], {
      nodes: [node('a', 3)],
      pods: podsOf(live, 'a', 'a'),
    })
    expect(codes(more)).toEqual(['rollout_does_not_fit'])
    expect(more.blockers[0]!.message).toContain('1 of 4 fit')
    expect(
      codes(
        plan([deployment({ replicas: 1 })], [live], { nodes: [node('a', 2)], pods: podsOf(live, 'a', 'a') }),
      ),
    ).toEqual([])
  })

  it('orders objects, deletes what is ours and unwanted, and keeps what holds data or a revision', () => {
    const claim = { ...configMap('claim'), kind: 'PersistentVolumeClaim' }
    const replicaSet = {
      ...configMap('rs'),
      kind: 'ReplicaSet',
      spec: { template: { spec: { volumes: [{ configMap: { name: 'kept' } }] } } },
    }
    const done = plan(
      [deployment(), configMap('new')],
      [],
      { nodes: [node('a', 2)], replicaSets: [replicaSet] },
      { prune: true, ours: [configMap('old'), configMap('kept'), claim] },
    )
    expect(
      done.objects.map(({ action, manifest }) => `${action} ${manifest.kind} ${manifest.metadata.name}`),
    ).toEqual(['create ConfigMap new', 'create Deployment e', 'delete ConfigMap old'])
  })

  it('refuses or leaves out kinds that are not served', () => {
    const monitor = { ...configMap('m'), apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' }
    const refused = plan([monitor], [], {})
    expect(refused.blockers[0]).toMatchObject({
      code: 'rollout_kind_not_served',
      help: expect.stringContaining('Prometheus operator'),
    })
    const left = plan([monitor], [], {}, { skipMissing: true })
    expect([codes(left), left.objects[0]!.action]).toEqual([[], 'leaveOut'])
    expect(left.warnings[0]).toContain('is skipped')
  })

  it('warns of autoscalers, cordoned nodes, budgets, images, secrets, and nodes that may not be read', () => {
    const live = deployment({ replicas: 3 })
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'n' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'e' } },
    }
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'n' },
      spec: { selector: { matchLabels: { app: 'e' } } },
      status: { disruptionsAllowed: 0 },
    }
    const cordoned = { ...node('c', 4), spec: { unschedulable: true } }
    const { warnings } = plan([deployment(next)], [live], {
      nodes: [node('a', 8), cordoned],
      pods: podsOf(live, 'a', 'a', 'a'),
      scalers: [scaler],
      disruptionBudgets: [budget],
      missingSecrets: ['s'],
    })
    expect(warnings).toEqual([
      expect.stringContaining(
        'HorizontalPodAutoscaler h owns its replicas, and the manifest would reset 3 to 2',
      ),
      'node c is cordoned: its 4 GPUs are not available to new pods',
      'the Secret s does not exist: pods do not start without it',
      expect.stringContaining('image e:2 is pulled'),
      expect.stringContaining('PodDisruptionBudget b allows no disruption'),
    ])
    expect(plan([deployment(next)], [live], { nodes: undefined }).warnings).toContainEqual(
      expect.stringContaining('no permission to list nodes'),
    )
  })

  it('counts on no room that it may not see', () => {
    const [unseen] = plan([deployment(next)], [deployment()], { nodes: undefined, pods: [] }).workloads
    expect(unseen).toMatchObject({ isNew: false, ends: true, strategy: { how: 'inPlace' } })
  })

  it('says that others in a namespace must meet its new standard', () => {
    const namespace = (labels: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n', labels },
    })
    const label = 'pod-security.kubernetes.io/enforce'
    const warnings = (before: KubeObject): readonly string[] =>
      plan([namespace({ [label]: 'restricted' })], [before], { served: new Set(['v1/Namespace']) }).warnings
    expect(warnings(namespace({}))).toEqual([
      expect.stringContaining('other pods in it are now also rejected'),
    ])
    expect(warnings(namespace({ [label]: 'restricted' }))).toEqual([])
  })

  it('says which Job finds no room', () => {
    const job = { ...deployment(), kind: 'Job', apiVersion: 'batch/v1' }
    const warnings = (gpus: number): readonly string[] =>
      plan([job], [], { nodes: [node('a', gpus)], served: new Set(['batch/v1/Job']) }).warnings
    expect(warnings(0)).toContainEqual(
      expect.stringMatching(/^Job n\/\S+: its pods stay pending: 1 node with 0 /),
    )
    expect(warnings(8)).not.toContainEqual(expect.stringContaining('its pods stay pending'))
  })

  it('takes the replicas that an autoscaler set, where the manifest has none', () => {
    const live = deployment({ replicas: 5 })
    const { replicas: _, ...spec } = deployment(next).spec!
    const done = plan([{ ...deployment(next), spec }], [live], {
      nodes: [node('a', 5)],
      pods: podsOf(live, 'a', 'a', 'a', 'a', 'a'),
    })
    expect(done.workloads[0]).toMatchObject({ replicas: 5, strategy: { how: 'inPlace' } })
  })

  it('refuses what cannot be changed', () => {
    const live = deployment()
    const other = { ...live, spec: { ...live.spec, selector: { matchLabels: { app: 'x' } } } }
    expect(codes(plan([other], [live], { nodes: [node('a', 8)] }))).toContain('rollout_immutable_field')
    const frozen = { ...configMap('c'), immutable: true }
    expect(codes(plan([{ ...frozen, data: { a: '2' } }], [frozen], {}))).toEqual(['rollout_immutable_field'])
    const claim = (size: string): KubeObject => ({
      ...configMap('c'),
      kind: 'PersistentVolumeClaim',
      spec: { resources: { requests: { storage: size } } },
    })
    expect(codes(plan([claim('1Gi')], [claim('2Gi')], {}))).toEqual(['rollout_immutable_field'])
    expect(codes(plan([claim('2Gi')], [claim('1Gi')], {}))).toEqual([])
  })

  it('believes what the server says it would keep', () => {
    const live = deployment()
    const defaulted = { ...live, spec: { ...live.spec, progressDeadlineSeconds: 600 } }
    const done = plan(
      [deployment()],
      [defaulted],
      { nodes: [node('a', 2)] },
      { results: new Map([[objectKey(live), defaulted]]) },
    )
    expect(done.objects[0]!.action).toBe('unchanged')
  })
})
