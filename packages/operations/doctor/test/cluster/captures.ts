/** Captures of a cluster, as its API answers: a good one, from which tests make bad ones. */

import type { Capture, RawReading } from '@hadal/doctor'

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind are written as literals.
export type Any = any

export const takenAt: number = Date.UTC(2025, 2, 4, 12)
export const ago = (minutes: number): string => new Date(takenAt - minutes * 60_000).toISOString()

export const gpuNode = (name: string, changes: Any = {}): Any => ({
  metadata: { name, labels: { 'nvidia.com/gpu.present': 'true', ...changes.labels } },
  spec: { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }], ...changes.spec },
  status: {
    capacity: { cpu: '64', 'nvidia.com/gpu': '8' },
    allocatable: { cpu: '63500m', 'nvidia.com/gpu': '8' },
    conditions: [
      { type: 'MemoryPressure', status: 'False', message: 'kubelet has sufficient memory available' },
      { type: 'DiskPressure', status: 'False' },
      { type: 'Ready', status: 'True', reason: 'KubeletReady' },
    ],
    nodeInfo: { kubeletVersion: 'v1.30.2' },
    ...changes.status,
  },
})

export const pod = (name: string, status: Any = {}, spec: Any = {}): Any => ({
  metadata: {
    name,
    namespace: 'models',
    creationTimestamp: ago(60),
    ownerReferences: [{ kind: 'ReplicaSet', name: 'engine-5d9c7b', controller: true }],
  },
  spec: {
    nodeName: 'gpu-1',
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    containers: [{ name: 'engine', resources: { limits: { 'nvidia.com/gpu': '1', memory: '64Gi' } } }],
    ...spec,
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      { name: 'engine', image: 'registry/engine:1', ready: true, restartCount: 0, state: { running: {} } },
    ],
    ...status,
  },
})

export const pendingPod = (name: string, message: string, spec: Any = {}): Any =>
  pod(
    name,
    {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      containerStatuses: undefined,
    },
    { nodeName: undefined, ...spec },
  )

export const hpa = (name: string, target: string, conditions?: Any[], owner?: Any): Any => ({
  metadata: { name, namespace: 'models', ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
  spec: { scaleTargetRef: { kind: 'Deployment', name: target }, minReplicas: 1, maxReplicas: 4 },
  status: {
    conditions: conditions ?? [
      { type: 'AbleToScale', status: 'True' },
      { type: 'ScalingActive', status: 'True' },
    ],
  },
})

export const scaledObject = (name: string, target: string, conditions?: Any[]): Any => ({
  metadata: { name, namespace: 'models' },
  spec: { scaleTargetRef: { name: target } },
  status: { conditions: conditions ?? [{ type: 'Ready', status: 'True' }] },
})

export const listOf = (items: readonly Any[]): RawReading => ({ text: JSON.stringify({ items }) })

export const cluster = (changes: Readonly<Record<string, RawReading | readonly Any[]>> = {}): Capture => {
  const readings: Record<string, RawReading> = {
    'kubernetes-version': { text: JSON.stringify({ gitVersion: 'v1.30.4' }) },
    'kubernetes-nodes': listOf([gpuNode('gpu-1'), gpuNode('gpu-2')]),
    'kubernetes-pods': listOf([pod('engine-5d9c7b-abcde')]),
    'kubernetes-events': listOf([]),
    'kubernetes-killings': listOf([]),
    'kubernetes-deployments': listOf([
      {
        metadata: { name: 'engine', namespace: 'models', generation: 2 },
        spec: { replicas: 1 },
        status: {
          observedGeneration: 2,
          replicas: 1,
          readyReplicas: 1,
          conditions: [
            { type: 'Progressing', status: 'True' },
            { type: 'Available', status: 'True' },
          ],
        },
      },
    ]),
    'kubernetes-daemonsets': listOf([
      {
        metadata: { name: 'nvidia-device-plugin-daemonset', namespace: 'kube-system' },
        status: { desiredNumberScheduled: 2, numberReady: 2 },
      },
    ]),
    'kubernetes-quotas': listOf([
      {
        metadata: { name: 'gpus', namespace: 'models' },
        status: { hard: { 'requests.nvidia.com/gpu': '8' }, used: { 'requests.nvidia.com/gpu': '1' } },
      },
    ]),
    'kubernetes-budgets': listOf([
      {
        metadata: { name: 'engine', namespace: 'models' },
        spec: { maxUnavailable: 1 },
        status: { disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 },
      },
    ]),
    'kubernetes-hpas': listOf([hpa('engine', 'engine')]),
    'kubernetes-scaledobjects': { failed: 'absent', detail: 'the cluster does not serve scaledobjects' },
    'kubernetes-apiservices': listOf([
      {
        metadata: { name: 'v1beta1.metrics.k8s.io' },
        status: { conditions: [{ type: 'Available', status: 'True' }] },
      },
    ]),
  }
  for (const [name, change] of Object.entries(changes))
    readings[name] = Array.isArray(change) ? listOf(change) : (change as RawReading)
  return { version: 1, takenAt, readings }
}
