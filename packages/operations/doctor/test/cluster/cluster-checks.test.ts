/** What the checks of a cluster say of good, bad and hostile captures. */

import {
  type Capture,
  clusterChecks,
  clusterSources,
  keepFields,
  type RawReading,
  runChecks,
  type Severity,
} from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Any, ago, cluster, gpuNode, hpa, listOf, pendingPod, pod, scaledObject } from './captures.ts'

const findingsOf = (
  capture: Capture,
  id: string,
): readonly { severity: Severity; says: string; command: string }[] =>
  runChecks(clusterChecks, capture)
    .findings.filter((finding) => finding.id === id)
    .map(({ severity, says, fix }) => ({ severity, says, command: fix?.command ?? '' }))

const running = (container: Any): Any =>
  pod('engine-5d9c7b-abcde', {
    containerStatuses: [
      { name: 'engine', image: 'registry/engine:1', ready: false, restartCount: 7, ...container },
    ],
  })
const waiting = (reason: string, message = ''): Any => running({ state: { waiting: { reason, message } } })
const condition = (type: string, status: string, reason?: string, message?: string): Any => ({
  type,
  status,
  reason,
  message,
})
const deployment = (changes: Any): Any => ({
  metadata: { name: 'engine', namespace: 'models', generation: 2 },
  spec: { replicas: 2, ...changes.spec },
  status: { observedGeneration: 2, readyReplicas: 1, ...changes.status },
})

it('every check has an id of its own and reads what there is', () => {
  const ids = clusterChecks.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const names = clusterSources.map(({ name }) => name)
  for (const { reads } of clusterChecks) for (const name of reads) expect(names).toContain(name)
  for (const name of names) expect(clusterChecks.flatMap(({ reads }) => reads)).toContain(name)
})

it('a cluster that is well is well', () => {
  for (const { id, severity, says } of runChecks(clusterChecks, cluster()).findings)
    expect(['ok', 'skipped'], `${id}: ${says}`).toContain(severity)
})

it.each([
  ['nobody asked', { version: 1, takenAt: 0, readings: {} } as Capture],
  [
    'no kubeconfig',
    cluster({ 'kubernetes-version': { failed: 'absent', detail: 'there is no kubeconfig' } }),
  ],
])('%s: all is skipped', (_title, capture) => {
  const { findings } = runChecks(clusterChecks, capture)
  expect(findings.map(({ severity }) => severity)).toEqual(clusterChecks.map(() => 'skipped'))
})

describe('what is found', () => {
  it.each<[string, Readonly<Record<string, Any>>, Severity, RegExp]>([
    [
      'cluster-reachable',
      { 'kubernetes-version': { failed: 'timed-out', detail: 'no response within 10 s' } },
      'error',
      /does not respond/,
    ],
    [
      'cluster-reachable',
      { 'kubernetes-version': { failed: 'refused', detail: 'the token expired' } },
      'error',
      /token expired/,
    ],
    [
      'cluster-version-skew',
      { 'kubernetes-nodes': [gpuNode('a', { status: { nodeInfo: { kubeletVersion: 'v1.31.0' } } })] },
      'error',
      /newer than/,
    ],
    [
      'cluster-version-skew',
      { 'kubernetes-nodes': [gpuNode('a', { status: { nodeInfo: { kubeletVersion: 'v1.26.9' } } })] },
      'error',
      /too old/,
    ],
    [
      'cluster-nodes',
      {
        'kubernetes-nodes': [
          gpuNode('a', {
            status: {
              conditions: [
                condition('Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'),
              ],
            },
          }),
        ],
      },
      'error',
      /not ready: Kubelet stopped/,
    ],
    [
      'cluster-nodes',
      {
        'kubernetes-nodes': [
          gpuNode('a', {
            status: {
              conditions: [
                condition('DiskPressure', 'True', 'x', 'kubelet has disk pressure'),
                condition('Ready', 'True'),
              ],
            },
          }),
        ],
      },
      'warning',
      /DiskPressure/,
    ],
    [
      'cluster-nodes',
      { 'kubernetes-nodes': [gpuNode('a', { spec: { unschedulable: true } })] },
      'note',
      /cordoned/,
    ],
    [
      'cluster-gpu-nodes',
      { 'kubernetes-nodes': [gpuNode('a', { status: { capacity: {}, allocatable: {} } })] },
      'error',
      /node a has a GPU, but no nvidia\.com\/gpu is allocatable/,
    ],
    [
      'cluster-gpu-nodes',
      { 'kubernetes-nodes': [gpuNode('a', { status: { allocatable: { 'nvidia.com/gpu': '6' } } })] },
      'error',
      /node a has 6 of 8 GPUs allocatable: the others are unhealthy/,
    ],
    [
      'cluster-gpu-nodes',
      { 'kubernetes-nodes': [gpuNode('a', { labels: { 'nvidia.com/mig.config.state': 'failed' } })] },
      'error',
      /MIG/,
    ],
    [
      'cluster-device-plugin',
      {
        'kubernetes-daemonsets': [],
        'kubernetes-nodes': [gpuNode('a', { status: { capacity: {}, allocatable: {} } })],
      },
      'error',
      /no device plugin/,
    ],
    [
      'cluster-device-plugin',
      {
        'kubernetes-daemonsets': [
          {
            metadata: { name: 'nvidia-device-plugin', namespace: 'kube-system' },
            status: { desiredNumberScheduled: 2, numberReady: 1 },
          },
        ],
      },
      'error',
      /ready on 1 of 2/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found.',
          ),
        ],
      },
      'error',
      /no node has enough nvidia\.com\/gpu free/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/3 nodes are available: 3 node(s) had untolerated taint {nvidia.com/gpu: present}.',
          ),
        ],
      },
      'error',
      /taint nvidia\.com\/gpu=present/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/2 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint {nvidia.com/gpu: present}. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
            { containers: [{ name: 'web' }] },
          ),
        ],
      },
      'error',
      /no node has enough memory free/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {nvidia.com/gpu: present}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            { containers: [{ name: 'web' }] },
          ),
        ],
      },
      'error',
      /1 pod of models\/engine waits for a node: no node matches its node selector or affinity/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {nvidia.com/gpu: present}.',
          ),
        ],
      },
      'error',
      /1 pod of models\/engine waits for a node: it does not tolerate taint nvidia\.com\/gpu=present/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu.',
            { containers: [{ name: 'web' }] },
          ),
        ],
      },
      'error',
      /no node has enough cpu free/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/2 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 1 node(s) were unschedulable.',
            { containers: [{ name: 'web' }] },
          ),
        ],
      },
      'error',
      /1 pod of models\/engine waits for a node: all matching nodes are cordoned or not ready/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/2 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) had untolerated taint {team: a}.',
            { containers: [{ name: 'web' }] },
          ),
        ],
      },
      'error',
      /taint team=a/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod(
            'a',
            '0/2 nodes are available: persistentvolumeclaim "weights" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
          ),
        ],
      },
      'error',
      /the PersistentVolumeClaim weights/,
    ],
    [
      'cluster-pending',
      {
        'kubernetes-pods': [
          pendingPod('a', '0/2 nodes are available: 2 node(s) had volume node affinity conflict.'),
        ],
      },
      'error',
      /1 pod of models\/engine waits for a node: its volume is bound to a node or zone without/,
    ],
    [
      'cluster-pending',
      { 'kubernetes-pods': [pendingPod('a', 'pod has unbound immediate PersistentVolumeClaims.')] },
      'error',
      /1 pod of models\/engine waits for a node: its PersistentVolumeClaim is not bound/,
    ],
    [
      'cluster-taints',
      { 'kubernetes-pods': [pendingPod('a', 'taint', { tolerations: [] })] },
      'error',
      /nvidia\.com\/gpu=present:NoSchedule/,
    ],
    [
      'cluster-images',
      { 'kubernetes-pods': [waiting('ImagePullBackOff', 'Back-off pulling image "registry/engine:1"')] },
      'error',
      /registry\/engine:1 cannot be pulled/,
    ],
    [
      'cluster-containers',
      { 'kubernetes-pods': [waiting('CreateContainerConfigError', 'secret "hadal-keys" not found')] },
      'error',
      /hadal-keys/,
    ],
    [
      'cluster-starts',
      {
        'kubernetes-pods': [pod('a', { phase: 'Pending' })],
        'kubernetes-events': [
          {
            reason: 'FailedMount',
            message: 'MountVolume.SetUp failed: secret "x" not found',
            involvedObject: { kind: 'Pod', namespace: 'models', name: 'a' },
          },
        ],
      },
      'error',
      /FailedMount/,
    ],
    [
      'cluster-evicted',
      {
        'kubernetes-pods': [
          pod('a', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
        ],
      },
      'warning',
      /low on resource: memory/,
    ],
    [
      'cluster-crashes',
      {
        'kubernetes-pods': [
          running({
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 139, reason: 'Error', finishedAt: ago(1) } },
          }),
        ],
      },
      'error',
      /container engine of models\/engine exits with code 139 \(segmentation fault\), restarted 7/,
    ],
    [
      'cluster-crashes',
      {
        'kubernetes-pods': [
          running({
            state: { running: {} },
            lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(10) } },
          }),
        ],
      },
      'warning',
      /container engine of models\/engine exits with code 1, restarted 7 times/,
    ],
    [
      'cluster-out-of-memory',
      {
        'kubernetes-pods': [
          running({
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: ago(1) } },
          }),
        ],
      },
      'error',
      /limit of 64Gi/,
    ],
    [
      'cluster-out-of-memory',
      {
        'kubernetes-pods': [
          running({
            state: { running: {} },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: ago(3 * 24 * 60) } },
          }),
        ],
      },
      'note',
      /container engine of models\/engine exceeded its memory limit of 64Gi and was OOM-killed,/,
    ],
    [
      'cluster-probes',
      {
        'kubernetes-killings': [
          {
            reason: 'Killing',
            count: 4,
            message: 'Container engine failed liveness probe, will be restarted',
            involvedObject: { namespace: 'models', name: 'a' },
          },
        ],
      },
      'error',
      /the liveness probe killed models\/a 4 times within the last hour/,
    ],
    [
      'cluster-rollouts',
      {
        'kubernetes-deployments': [
          deployment({
            status: { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
          }),
        ],
      },
      'error',
      /stuck \(ProgressDeadlineExceeded\): 1 of 2/,
    ],
    [
      'cluster-rollouts',
      {
        'kubernetes-deployments': [
          deployment({
            status: {
              conditions: [
                condition(
                  'ReplicaFailure',
                  'True',
                  'FailedCreate',
                  'pods "x" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 8, limited: 8',
                ),
              ],
            },
          }),
        ],
      },
      'error',
      /quota gpus is exceeded/,
    ],
    [
      'cluster-rollouts',
      { 'kubernetes-deployments': [deployment({ spec: { paused: true } })] },
      'note',
      /paused/,
    ],
    [
      'cluster-rollouts',
      { 'kubernetes-deployments': [deployment({ status: { observedGeneration: 1 } })] },
      'note',
      /models\/engine has just changed; its rollout has not started/,
    ],
    ['cluster-rollouts', { 'kubernetes-deployments': [deployment({})] }, 'warning', /1 of 2 pods ready/],
    [
      'cluster-quotas',
      {
        'kubernetes-quotas': [
          {
            metadata: { name: 'gpus', namespace: 'models' },
            status: { hard: { 'requests.nvidia.com/gpu': '8' }, used: { 'requests.nvidia.com/gpu': '8' } },
          },
        ],
      },
      'warning',
      /8 of 8 requests/,
    ],
    [
      'cluster-quotas',
      {
        'kubernetes-quotas': [
          {
            metadata: { name: 'm', namespace: 'models' },
            status: { hard: { 'requests.memory': '1Ti' }, used: { 'requests.memory': '1000Gi' } },
          },
        ],
      },
      'note',
      /1000Gi of 1Ti/,
    ],
    [
      'cluster-quotas',
      {
        'kubernetes-quotas': [
          { metadata: { name: 'm', namespace: 'models' }, status: { hard: { pods: '9' }, used: {} } },
        ],
      },
      'unknown',
      /cannot be compared/,
    ],
    [
      'cluster-quotas',
      { 'kubernetes-quotas': [{ metadata: { name: 'new', namespace: 'models' } }] },
      'unknown',
      /quota models\/new reports no usage yet/,
    ],
    [
      'cluster-disruption-budgets',
      {
        'kubernetes-budgets': [
          {
            metadata: { name: 'engine', namespace: 'models' },
            status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
          },
        ],
      },
      'warning',
      /models\/engine allows no evictions although all 1 pods are healthy: nodes cannot be drained/,
    ],
    [
      'cluster-disruption-budgets',
      {
        'kubernetes-budgets': [
          {
            metadata: { name: 'engine', namespace: 'models' },
            status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2, expectedPods: 2 },
          },
        ],
      },
      'note',
      /1 of 2/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-hpas': [
          hpa('engine', 'engine', [
            condition('AbleToScale', 'True'),
            condition('ScalingActive', 'False', 'FailedGetExternalMetric', 'unable to get external metric'),
          ]),
        ],
      },
      'error',
      /FailedGetExternalMetric/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-hpas': [
          hpa('engine', 'engine', [
            condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "engine" not found'),
          ]),
        ],
      },
      'error',
      /not found/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-hpas': [
          hpa('engine', 'engine', [condition('ScalingActive', 'False', 'ScalingDisabled')]),
        ],
      },
      'note',
      /0 replicas/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-hpas': [
          hpa('engine', 'engine', [
            condition('ScalingActive', 'True'),
            condition('ScalingLimited', 'True', 'TooManyReplicas'),
          ]),
        ],
      },
      'note',
      /maximum of 4/,
    ],
    [
      'cluster-autoscalers',
      { 'kubernetes-hpas': [hpa('engine', 'engine', [])] },
      'unknown',
      /models\/engine does not report whether its metrics are available/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-scaledobjects': [
          scaledObject('engine', 'other', [
            condition('Ready', 'False', 'ScaledObjectCheckFailed', 'failed to ensure HPA'),
          ]),
        ],
      },
      'error',
      /not ready/,
    ],
    [
      'cluster-autoscalers',
      {
        'kubernetes-scaledobjects': [
          scaledObject('engine', 'other', [condition('Ready', 'True'), condition('Fallback', 'True')]),
        ],
      },
      'warning',
      /fallback/,
    ],
    [
      'cluster-two-autoscalers',
      { 'kubernetes-hpas': [hpa('a', 'engine'), hpa('b', 'engine')] },
      'error',
      /HorizontalPodAutoscaler a and HorizontalPodAutoscaler b/,
    ],
    [
      'cluster-two-autoscalers',
      { 'kubernetes-scaledobjects': [scaledObject('s', 'engine')] },
      'error',
      /and ScaledObject s/,
    ],
    [
      'cluster-metrics',
      { 'kubernetes-apiservices': [] },
      'note',
      /no metrics API is installed: HorizontalPodAutoscalers and `kubectl top` have no metrics/,
    ],
    [
      'cluster-metrics',
      {
        'kubernetes-apiservices': [
          {
            metadata: { name: 'v1beta1.external.metrics.k8s.io' },
            status: {
              conditions: [condition('Available', 'False', 'MissingEndpoints', 'endpoints not found')],
            },
          },
        ],
      },
      'error',
      /is unavailable/,
    ],
  ])('%s %#', (id, changes, severity, says) => {
    expect(findingsOf(cluster(changes), id)).toEqual([
      { severity, says: expect.stringMatching(says), command: expect.stringMatching(/\S/) },
    ])
  })

  it('the HPA that KEDA makes is none of its own', () => {
    const changes = {
      'kubernetes-hpas': [
        hpa('keda-hpa-engine', 'engine', undefined, { kind: 'ScaledObject', name: 'engine' }),
      ],
      'kubernetes-scaledobjects': [scaledObject('engine', 'engine')],
    }
    expect(findingsOf(cluster(changes), 'cluster-two-autoscalers')).toEqual([
      { severity: 'ok', says: 'no workload has two autoscalers', command: '' },
    ])
  })

  it('an HPA alongside hadal scale is reported as an error', () => {
    const hadal = (name: string, component: string): Any => {
      const labels = {
        'app.kubernetes.io/name': 'hadal',
        'app.kubernetes.io/instance': 'chat',
        'app.kubernetes.io/component': component,
      }
      const all = deployment({ spec: { replicas: 1 } })
      return { ...all, metadata: { ...all.metadata, name, labels } }
    }
    const deployments = [hadal('engine', 'engine'), hadal('chat-scaler', 'scaler')]
    expect(
      findingsOf(cluster({ 'kubernetes-deployments': deployments }), 'cluster-two-autoscalers')[0],
    ).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('HorizontalPodAutoscaler engine and hadal scale (chat-scaler)'),
    })
  })

  it('many pods of one workload are one finding', () => {
    const pods = Array.from({ length: 40 }, (_, at) =>
      pendingPod(`engine-5d9c7b-${at}`, '3 Insufficient nvidia.com/gpu.'),
    )
    expect(
      findingsOf(cluster({ 'kubernetes-pods': pods }), 'cluster-pending').map(({ says }) => says),
    ).toEqual(['40 pods of models/engine wait for a node: no node has enough nvidia.com/gpu free'])
  })

  it('many workloads are the first dozen and a number', () => {
    const pods = Array.from({ length: 40 }, (_, at) => ({
      ...waiting('ErrImagePull'),
      metadata: { name: `p${at}`, namespace: 'models' },
    }))
    const images = pods.map((each, at) => {
      const [status] = each.status.containerStatuses
      return { ...each, status: { ...each.status, containerStatuses: [{ ...status, image: `image-${at}` }] } }
    })
    const found = findingsOf(cluster({ 'kubernetes-pods': images }), 'cluster-images')
    expect(found).toHaveLength(12)
    expect(found.some(({ says }) => says === 'and 29 more like this')).toBe(true)
  })

  it('a pod that tolerates every taint, or asks for no GPU, is not held against GPU nodes', () => {
    const everything = pendingPod('a', 'x', { tolerations: [{ operator: 'Exists' }] })
    const without = pendingPod('b', 'x', { tolerations: [], containers: [{ name: 'web' }] })
    expect(
      findingsOf(cluster({ 'kubernetes-pods': [everything, without] }), 'cluster-taints')[0]?.severity,
    ).toBe('ok')
  })

  it('events of pods that run by now count no more', () => {
    const event = {
      reason: 'FailedMount',
      message: 'x',
      involvedObject: { namespace: 'models', name: 'engine-5d9c7b-abcde' },
    }
    expect(findingsOf(cluster({ 'kubernetes-events': [event] }), 'cluster-starts')[0]?.severity).toBe('ok')
  })
})

describe('what cannot be read is not well', () => {
  const lists = clusterSources.map(({ name }) => name).filter((name) => name !== 'kubernetes-version')
  const bad: readonly RawReading[] = [
    { failed: 'refused', detail: 'may not list' },
    { failed: 'timed-out', detail: 'no answer' },
    { failed: 'exited', detail: 'HTTP 503', text: 'upstream' },
    { text: '' },
    { text: '<html></html>' },
    { text: '{"items":' },
    { text: 'null' },
    { text: '{"items":{}}' },
  ]

  it.each(lists)('%s', (name) => {
    const judges = clusterChecks.filter(({ reads }) => reads.includes(name)).map(({ id }) => id)
    for (const reading of bad) {
      const { findings } = runChecks(clusterChecks, cluster({ [name]: reading }))
      const ofIt = findings.filter(({ id }) => judges.includes(id))
      expect(
        ofIt.some(({ severity }) => severity === 'unknown'),
        JSON.stringify(reading),
      ).toBe(true)
      // A ScaledObject that cannot be read leaves what HPAs say as it is.
      if (name !== 'kubernetes-events' && name !== 'kubernetes-version')
        for (const { id, severity } of ofIt) if (id !== 'cluster-starts') expect(severity, id).not.toBe('ok')
    }
  })

  it('is reported as unknown when the data is truncated', () => {
    const capture = cluster({
      'kubernetes-pods': { text: JSON.stringify({ items: [pod('a')] }), isCut: true },
    })
    for (const id of [
      'cluster-pending',
      'cluster-images',
      'cluster-crashes',
      'cluster-out-of-memory',
      'cluster-evicted',
    ])
      expect(findingsOf(capture, id)[0]?.severity, id).toBe('unknown')
    const event = {
      reason: 'FailedMount',
      message: 'x',
      involvedObject: { namespace: 'models', name: 'unseen' },
    }
    const unseen = cluster({
      'kubernetes-pods': { ...listOf([]), isCut: true } as RawReading,
      'kubernetes-events': [event],
    })
    expect(findingsOf(unseen, 'cluster-starts')[0]?.severity).toBe('error')
  })

  it('objects without what counts are unknown', () => {
    for (const [name, id] of [
      ['kubernetes-nodes', 'cluster-nodes'],
      ['kubernetes-nodes', 'cluster-version-skew'],
      ['kubernetes-hpas', 'cluster-autoscalers'],
      ['kubernetes-scaledobjects', 'cluster-autoscalers'],
      ['kubernetes-budgets', 'cluster-disruption-budgets'],
    ] as const)
      expect(findingsOf(cluster({ [name]: [{}] }), id)[0]?.severity, id).toBe('unknown')
  })
})

describe('whatever a capture holds', () => {
  const plurals = [
    'nodes',
    'pods',
    'events',
    'events',
    'deployments',
    'daemonsets',
    'resourcequotas',
    'poddisruptionbudgets',
    'horizontalpodautoscalers',
    'scaledobjects',
    'apiservices',
  ]
  const names = clusterSources.map(({ name }) => name).filter((name) => name !== 'kubernetes-version')

  it('no check throws, and each finding says something and what to do', () => {
    const object = fc.oneof(
      fc.constantFrom(pod('a'), pendingPod('b', 'x'), gpuNode('c'), hpa('d', 'e'), waiting('ErrImagePull')),
      fc.object({
        key: fc.constantFrom(
          'metadata',
          'spec',
          'status',
          'name',
          'conditions',
          'type',
          'items',
          '__proto__',
          'containerStatuses',
          'state',
        ),
        maxDepth: 4,
      }),
      fc.anything(),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.array(object, { maxLength: 3 })), (changes) => {
        for (const { id, severity, says, fix } of runChecks(clusterChecks, cluster(changes)).findings) {
          expect(says, id).not.toMatch(/the check itself failed/)
          expect(says, id).not.toBe('')
          if (severity !== 'ok' && severity !== 'skipped') expect(fix?.text, `${id}: ${says}`).toBeTruthy()
        }
      }),
      { numRuns: 100 },
    )
  })

  it('one field of another type makes nothing throw', () => {
    const junk = [null, 7, 'x', true, [], {}, [null], { a: 1 }]
    const good = cluster()
    for (const [at, name] of names.entries()) {
      const text =
        (good.readings[name] as { text?: string }).text ?? JSON.stringify({ items: [scaledObject('a', 'b')] })
      const paths: (readonly string[])[] = []
      const walk = (value: Any, path: readonly string[]): void => {
        if (path.length > 0) paths.push(path)
        if (typeof value === 'object' && value !== null)
          for (const key of Object.keys(value)) walk(value[key], [...path, key])
      }
      walk(JSON.parse(text), [])
      for (const path of paths)
        for (const value of junk) {
          const changed = JSON.parse(text)
          const parent = path.slice(0, -1).reduce((object, key) => object[key], changed)
          parent[path.at(-1)!] = value
          const judges = clusterChecks.filter(({ reads }) => reads.includes(name))
          for (const { says } of runChecks(judges, cluster({ [name]: { text: JSON.stringify(changed) } }))
            .findings)
            expect(says, `${plurals[at]} ${path.join('.')}`).not.toMatch(/the check itself failed/)
        }
    }
  })

  it('keeps only fields of the type that they are to have', () => {
    const status = {
      phase: 7,
      message: 'x'.repeat(900),
      conditions: [{ type: {} }, 'x'],
      containerStatuses: { 0: 'x' },
    }
    const spec = {
      nodeName: 'a b',
      containers: [{ name: 'engine', resources: { limits: { cpu: 2, memory: {} } } }],
    }
    expect(
      keepFields('pods', { metadata: { name: ['a'], generation: '2' }, spec, status, kind: 'Pod' }),
    ).toEqual({
      metadata: {},
      spec: { containers: [{ name: 'engine', resources: { limits: { cpu: 2 } } }] },
      status: { message: 'x'.repeat(500), conditions: [{}] },
    })
    for (const object of [null, 7, 'x', [], undefined]) expect(keepFields('pods', object)).toBeUndefined()
  })

  it('a command never holds what no name may hold', () => {
    const evil = 'x; rm -rf ~'
    const capture = cluster({
      'kubernetes-pods': [{ ...waiting('ErrImagePull'), metadata: { name: evil, namespace: '$(id)' } }],
      'kubernetes-nodes': [gpuNode(evil, { spec: { unschedulable: true } })],
      'kubernetes-killings': [
        { message: 'failed liveness probe', involvedObject: { namespace: evil, name: '`id`' } },
      ],
    })
    for (const { fix } of runChecks(clusterChecks, capture).findings)
      expect(fix?.command ?? '').not.toMatch(/rm -rf|\$\(id\)|`id`/)
  })

  it('keeps no variable, argument or annotation', () => {
    const secret = ['sk', 'marked', 'secret'].join('-')
    const full = {
      metadata: {
        name: 'a',
        annotations: { x: secret },
        labels: { x: secret },
        managedFields: [{ manager: secret }],
      },
      spec: {
        containers: [
          {
            name: 'engine',
            args: ['--api-key', secret],
            command: [secret],
            env: [{ name: 'KEY', value: secret }],
            resources: {},
          },
        ],
        volumes: [{ name: secret }],
      },
      status: {
        containerStatuses: [{ name: 'engine', lastState: { terminated: { exitCode: 1, message: secret } } }],
      },
    }
    for (const plural of plurals) expect(JSON.stringify(keepFields(plural, full)) ?? '').not.toContain(secret)
    expect(keepFields('secrets', full)).toBeUndefined()
    const once = keepFields('pods', full)
    expect(keepFields('pods', once)).toEqual(once)
  })
})
