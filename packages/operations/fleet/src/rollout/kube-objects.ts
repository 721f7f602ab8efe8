/** The fields of cluster objects that rollout decisions need. All optional, because an API server may omit them. */

import type { Manifest } from '../manifest.ts'

/** An object as an API server has it. */
export interface KubeObject extends Manifest {
  readonly metadata: KubeMetadata
}

export interface KubeMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly generation?: number
  readonly resourceVersion?: string
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface OwnerReference {
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ManagedFields {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly subresource?: string
  readonly time?: string
  readonly fieldsV1?: Readonly<Record<string, unknown>>
}

export type ResourceAmounts = Readonly<Record<string, string | number>>

export interface Container {
  readonly name: string
  readonly image?: string
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string
  readonly imagePullPolicy?: string
  readonly resources?: { readonly requests?: ResourceAmounts; readonly limits?: ResourceAmounts }
  readonly startupProbe?: Probe
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: {
      readonly secretKeyRef?: { readonly name: string; readonly optional?: boolean }
      readonly configMapKeyRef?: { readonly name?: string }
    }
  }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string } }[]
}

export interface Probe {
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeRequirement[]
  readonly matchFields?: readonly NodeRequirement[]
}

export interface NodeRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly NodeRequirement[]
}

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly topologyKey: string
}

export interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly overhead?: ResourceAmounts
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly NodeSelectorTerm[]
      }
    }
    readonly podAntiAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
    }
  }
  readonly tolerations?: readonly Toleration[]
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
    readonly configMap?: { readonly name?: string }
    readonly projected?: {
      readonly sources?: readonly { readonly configMap?: { readonly name?: string } }[]
    }
  }[]
}

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: PodSpec
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string
  readonly lastTransitionTime?: string
}

export interface KubeNode extends KubeObject {
  readonly spec?: {
    readonly unschedulable?: boolean
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  }
  readonly status?: { readonly allocatable?: ResourceAmounts; readonly conditions?: readonly Condition[] }
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string; readonly message?: string }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly image?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface KubePod extends KubeObject {
  readonly spec?: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface RollingUpdate {
  readonly maxSurge?: number | string
  readonly maxUnavailable?: number | string
}

/** A Deployment, StatefulSet, DaemonSet or, with `leaderWorkerTemplate`, a LeaderWorkerSet. */
export interface KubeWorkload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly progressDeadlineSeconds?: number
    readonly selector?: LabelSelector
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate }
    readonly rolloutStrategy?: { readonly type?: string; readonly rollingUpdateConfiguration?: RollingUpdate }
    readonly template?: PodTemplate
    readonly leaderWorkerTemplate?: {
      readonly size?: number
      readonly leaderTemplate?: PodTemplate
      readonly workerTemplate?: PodTemplate
    }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    /** DaemonSets only. */
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberReady?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly conditions?: readonly Condition[]
  }
}

export interface KubeQuota extends KubeObject {
  readonly status?: { readonly hard?: ResourceAmounts; readonly used?: ResourceAmounts }
}

export interface KubeEvent extends KubeObject {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string }
  readonly reason?: string
  readonly message?: string
  readonly type?: string
  readonly count?: number
  readonly lastTimestamp?: string
  readonly eventTime?: string
}

/**
 * `Deployment hadal/hadal-engine`, or without a namespace where there is none.
 *
 * @internal
 */
export function objectName({ kind, metadata }: Manifest): string {
  return metadata.namespace === undefined
    ? `${kind} ${metadata.name}`
    : `${kind} ${metadata.namespace}/${metadata.name}`
}

/** Whatever way its pods read them: volumes, projections, variables. */
export function configMapsOf(template: PodTemplate | undefined): string[] {
  const { volumes = [], initContainers = [], containers = [] } = template?.spec ?? {}
  return [
    ...volumes.flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
    ...[...initContainers, ...containers].flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ]),
  ].filter((name) => name !== undefined)
}

/**
 * The same object, in whatever version of its group.
 *
 * @internal
 */
export function objectKey({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return `${group}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

/**
 * Templates of each pod of one replica: several for a LeaderWorkerSet, one for others.
 *
 * @internal
 */
export function podTemplatesOf(workload: KubeWorkload): readonly PodTemplate[] {
  const group = workload.spec?.leaderWorkerTemplate
  if (group === undefined) return workload.spec?.template === undefined ? [] : [workload.spec.template]
  const worker = group.workerTemplate ?? {}
  return Array.from({ length: group.size ?? 1 }, (_, index) =>
    index === 0 ? (group.leaderTemplate ?? worker) : worker,
  )
}

export function matchesLabels(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  if (selector === undefined) return false
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((each) => meetsRequirement(each, labels))
  )
}

/** Matches a requirement of a node or label selector. An unknown operator matches nothing. */
export function meetsRequirement(
  { key, operator, values = [] }: NodeRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
