/**
 * Fields kept of a cluster's objects: only those that checks read, each with its required type. Environment variables, arguments,
 * annotations and termination messages are dropped, since they hold secrets. The output has these types whatever an API server or a
 * saved capture contains.
 */

import { isPlainObject } from '@hadal/base'

export interface KubeCondition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

interface Named {
  readonly metadata?: {
    readonly name?: string
    readonly namespace?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind?: string; readonly name?: string }[]
  }
}

export type Amounts = Readonly<Record<string, string | number>>

export interface NodeObject extends Named {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly allocatable?: Amounts
    readonly capacity?: Amounts
    readonly conditions?: readonly KubeCondition[]
    readonly nodeInfo?: { readonly kubeletVersion?: string }
  }
}

export interface Taint {
  readonly key?: string
  readonly value?: string
  readonly effect?: string
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly finishedAt?: string }
}

export interface ContainerStatus {
  readonly name?: string
  readonly image?: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface PodObject extends Named {
  readonly spec?: {
    readonly nodeName?: string
    readonly tolerations?: readonly {
      readonly key?: string
      readonly operator?: string
      readonly value?: string
      readonly effect?: string
    }[]
    readonly containers?: readonly {
      readonly name?: string
      readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts }
    }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly KubeCondition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface EventObject extends Named {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string
  readonly eventTime?: string
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly namespace?: string }
}

export interface DeploymentObject extends Named {
  readonly spec?: { readonly replicas?: number; readonly paused?: boolean }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly unavailableReplicas?: number
    readonly conditions?: readonly KubeCondition[]
  }
}

export interface DaemonSetObject extends Named {
  readonly status?: { readonly desiredNumberScheduled?: number; readonly numberReady?: number }
}

export interface QuotaObject extends Named {
  readonly status?: { readonly hard?: Amounts; readonly used?: Amounts }
}

export interface DisruptionBudgetObject extends Named {
  readonly spec?: { readonly minAvailable?: string | number; readonly maxUnavailable?: string | number }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly currentHealthy?: number
    readonly desiredHealthy?: number
    readonly expectedPods?: number
  }
}

/** A HorizontalPodAutoscaler or a ScaledObject of KEDA. */
export interface AutoscalerObject extends Named {
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
    readonly minReplicas?: number
    readonly maxReplicas?: number
  }
  readonly status?: {
    readonly currentReplicas?: number
    readonly desiredReplicas?: number
    readonly conditions?: readonly KubeCondition[]
  }
}

export interface ApiServiceObject extends Named {
  readonly status?: { readonly conditions?: readonly KubeCondition[] }
}

export interface VersionObject {
  readonly gitVersion?: string
}

/** `name`: as Kubernetes allows them, so that a command may hold it. `amount`: a text or a number. `amounts`: many of them by name. */
type Shape =
  | 'name'
  | 'text'
  | 'number'
  | 'flag'
  | 'amount'
  | 'amounts'
  | readonly [Shape]
  | { readonly [key: string]: Shape }

const condition: Shape = {
  type: 'text',
  status: 'text',
  reason: 'text',
  message: 'text',
  lastTransitionTime: 'text',
}
const conditions: Shape = [condition]
const metadata: Shape = {
  name: 'name',
  namespace: 'name',
  generation: 'number',
  creationTimestamp: 'text',
  deletionTimestamp: 'text',
  labels: {
    'nvidia.com/gpu.present': 'text',
    'nvidia.com/gpu.product': 'text',
    'nvidia.com/gpu.count': 'text',
    'nvidia.com/mig.config.state': 'text',
    'feature.node.kubernetes.io/pci-10de.present': 'text',
    'cloud.google.com/gke-accelerator': 'text',
    'node.kubernetes.io/instance-type': 'text',
    'app.kubernetes.io/name': 'text',
    'app.kubernetes.io/instance': 'text',
    'app.kubernetes.io/component': 'text',
    'app.kubernetes.io/managed-by': 'text',
  },
  ownerReferences: [{ kind: 'name', name: 'name' }],
}
const state: Shape = {
  waiting: { reason: 'text', message: 'text' },
  running: { startedAt: 'text' },
  terminated: { reason: 'text', exitCode: 'number', finishedAt: 'text' },
}
const containerStatuses: Shape = [
  { name: 'name', image: 'text', ready: 'flag', restartCount: 'number', state, lastState: state },
]
const autoscaler: Shape = {
  metadata,
  spec: { scaleTargetRef: { kind: 'name', name: 'name' }, minReplicas: 'number', maxReplicas: 'number' },
  status: { currentReplicas: 'number', desiredReplicas: 'number', conditions },
}

/** Keyed by the plural of a kind, as in its path. */
const shapes: Readonly<Record<string, Shape>> = {
  nodes: {
    metadata,
    spec: { unschedulable: 'flag', taints: [{ key: 'text', value: 'text', effect: 'text' }] },
    status: {
      allocatable: 'amounts',
      capacity: 'amounts',
      conditions,
      nodeInfo: { kubeletVersion: 'text' },
    },
  },
  pods: {
    metadata,
    spec: {
      nodeName: 'name',
      tolerations: [{ key: 'text', operator: 'text', value: 'text', effect: 'text' }],
      containers: [{ name: 'name', resources: { requests: 'amounts', limits: 'amounts' } }],
    },
    status: {
      phase: 'text',
      reason: 'text',
      message: 'text',
      conditions,
      containerStatuses,
      initContainerStatuses: containerStatuses,
    },
  },
  events: {
    metadata,
    type: 'text',
    reason: 'text',
    message: 'text',
    count: 'number',
    lastTimestamp: 'text',
    eventTime: 'text',
    series: { count: 'number', lastObservedTime: 'text' },
    involvedObject: { kind: 'name', name: 'name', namespace: 'name' },
  },
  deployments: {
    metadata,
    spec: { replicas: 'number', paused: 'flag' },
    status: {
      observedGeneration: 'number',
      replicas: 'number',
      updatedReplicas: 'number',
      readyReplicas: 'number',
      unavailableReplicas: 'number',
      conditions,
    },
  },
  daemonsets: { metadata, status: { desiredNumberScheduled: 'number', numberReady: 'number' } },
  resourcequotas: { metadata, status: { hard: 'amounts', used: 'amounts' } },
  poddisruptionbudgets: {
    metadata,
    spec: { minAvailable: 'amount', maxUnavailable: 'amount' },
    status: {
      disruptionsAllowed: 'number',
      currentHealthy: 'number',
      desiredHealthy: 'number',
      expectedPods: 'number',
    },
  },
  horizontalpodautoscalers: autoscaler,
  scaledobjects: autoscaler,
  apiservices: { metadata, status: { conditions } },
  version: { gitVersion: 'text' },
}

/** Messages of events and conditions are short; longer ones contain program output. */
const longestText = 500
const maxEntries = 50_000

/**
 * Kept fields of an object of a kind (`pods`); undefined if it is not an object, or nothing of that kind is
 * read.
 *
 * @internal
 */
export function keepFields(plural: string, object: unknown): unknown {
  const shape = Object.hasOwn(shapes, plural) ? shapes[plural] : undefined
  return shape === undefined ? undefined : kept(object, shape)
}

function kept(value: unknown, shape: Shape): unknown {
  switch (shape) {
    case 'name':
      return typeof value === 'string' && /^[a-z\d][\w.:-]{0,252}$/i.test(value) ? value : undefined
    case 'text':
      return typeof value === 'string' ? value.slice(0, longestText) : undefined
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'amount':
      return kept(value, 'text') ?? kept(value, 'number')
    case 'amounts':
      return isPlainObject(value) ? keptEntries(value, Object.keys(value), () => 'amount') : undefined
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return undefined
    const [each] = shape as readonly [Shape]
    return value.slice(0, maxEntries).flatMap((entry) => kept(entry, each) ?? [])
  }
  const fields = shape as { readonly [key: string]: Shape }
  return isPlainObject(value) ? keptEntries(value, Object.keys(fields), (key) => fields[key]!) : undefined
}

function keptEntries(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  shapeOf: (key: string) => Shape,
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const key of keys) {
    if (!Object.hasOwn(object, key) || key === '__proto__') continue
    const entry = kept(object[key], shapeOf(key))
    if (entry !== undefined) found[key] = entry
  }
  return found
}
