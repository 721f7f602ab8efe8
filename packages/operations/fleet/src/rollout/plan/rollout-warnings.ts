/** Non-blocking warnings before a rollout. */

import type { Manifest } from '../../manifest.ts'
import { ClusterRoom } from '../capacity/cluster-room.ts'
import { amountsOf, gpusIn } from '../capacity/pod-needs.ts'
import {
  type KubeNode,
  type KubeObject,
  type KubeWorkload,
  matchesLabels,
  objectName,
  type PodTemplate,
  podTemplatesOf,
} from '../kube-objects.ts'
import type { ObjectPlan, RolloutInput, WorkloadPlan } from './rollout-plan.ts'
import { whoBrings } from './who-brings.ts'

export function rolloutWarnings(
  input: RolloutInput,
  objects: readonly ObjectPlan[],
  workloads: readonly WorkloadPlan[],
): string[] {
  const rolling = objects.filter(({ key }) => workloads.some((each) => each.key === key))
  return [
    ...ownedReplicas(input),
    ...closedNodes(input.cluster.nodes ?? []),
    ...unknownRoom(input, workloads),
    ...waitingJobs(input, objects),
    ...objects.flatMap(stricterNamespace),
    ...input.cluster.missingSecrets.map(missingSecret),
    ...new Set(
      rolling.flatMap(({ manifest, live }) => newImages(manifest as KubeWorkload, live, input.cluster.nodes)),
    ),
    ...rolling.flatMap(({ manifest }) =>
      tightBudgets(manifest as KubeWorkload, input.cluster.disruptionBudgets),
    ),
    ...objects.filter(({ live }) => live?.metadata.deletionTimestamp !== undefined).map(beingDeleted),
    ...objects.filter(({ action }) => action === 'leaveOut').map(notServed),
  ]
}

/**
 * The autoscaler that changes `replicas` of a workload, if any.
 *
 * @internal
 */
export function scalerOf(workload: Manifest, among: readonly Manifest[]): Manifest | undefined {
  return among.find(({ kind, spec, metadata }) => {
    if (kind !== 'HorizontalPodAutoscaler' && kind !== 'ScaledObject') return false
    if (metadata.namespace !== workload.metadata.namespace) return false
    const target = (spec as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef
    return target?.name === workload.metadata.name && (target.kind ?? 'Deployment') === workload.kind
  })
}

function ownedReplicas({ wanted, cluster, current }: RolloutInput): string[] {
  return wanted.flatMap((manifest) => {
    const given = (manifest as KubeWorkload).spec?.replicas
    if (given === undefined || !/^(Deployment|StatefulSet|LeaderWorkerSet)$/.test(manifest.kind)) return []
    const scaler = scalerOf(manifest, [...wanted, ...cluster.scalers])
    if (scaler === undefined) return []
    const live = current.find(
      ({ kind, metadata }) => kind === manifest.kind && metadata.name === manifest.metadata.name,
    )
    const now = (live as KubeWorkload | undefined)?.spec?.replicas
    const change = now === undefined || now === given ? `sets ${given}` : `would reset ${now} to ${given}`
    return [
      `${objectName(manifest)}: ${scaler.kind} ${scaler.metadata.name} owns its replicas, and the manifest ${change}. Remove spec.replicas.`,
    ]
  })
}

function closedNodes(nodes: readonly KubeNode[]): string[] {
  return nodes.flatMap((node) => {
    const gpus = gpusIn(amountsOf(node.status?.allocatable))
    if (gpus === 0) return []
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
    const name = node.metadata.name
    if (node.spec?.unschedulable)
      return [`node ${name} is cordoned: its ${gpus} GPUs are not available to new pods`]
    if (ready !== undefined && ready.status !== 'True')
      return [`node ${name} is not ready: its ${gpus} GPUs are not available to new pods`]
    return []
  })
}

function unknownRoom({ cluster }: RolloutInput, workloads: readonly WorkloadPlan[]): string[] {
  if (cluster.nodes !== undefined || workloads.length === 0) return []
  return [
    'no permission to list nodes, so free capacity is unknown: grant list on nodes and pods in a ClusterRole',
  ]
}

/** Pods of others in it run on, and are refused when they are made again. */
function stricterNamespace({ manifest, action, changes }: ObjectPlan): string[] {
  if (manifest.kind !== 'Namespace' || action !== 'change') return []
  const level = changes.find(({ path }) => path.includes('pod-security.kubernetes.io/enforce]'))?.after
  return level === undefined || level === 'privileged'
    ? []
    : [
        `Namespace ${manifest.metadata.name} already exists: other pods in it are now also rejected unless they meet the Pod Security Standard ${level}`,
      ]
}

/** Nothing waits for a Job, so this is reported before. */
function waitingJobs({ cluster: { nodes, pods } }: RolloutInput, objects: readonly ObjectPlan[]): string[] {
  if (nodes === undefined) return []
  const room = new ClusterRoom(nodes, pods)
  return objects.flatMap(({ manifest, action }) => {
    if (manifest.kind !== 'Job' || action !== 'create') return []
    const { parallelism = 1, template } = (manifest.spec ?? {}) as {
      parallelism?: number
      template?: PodTemplate
    }
    for (let pod = 0; template !== undefined && pod < parallelism; pod++)
      if (room.place(template) === undefined)
        return [`${objectName(manifest)}: its pods stay pending: ${room.whyNowhere(template)}`]
    return []
  })
}

/** Names of images as nodes list them have the registry in front. */
function newImages(
  workload: KubeWorkload,
  live: KubeObject | undefined,
  nodes: readonly KubeNode[] = [],
): string[] {
  const imagesOf = (given: KubeWorkload | undefined): string[] =>
    given === undefined
      ? []
      : podTemplatesOf(given).flatMap(({ spec }) =>
          [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ image }) => image ?? []),
        )
  const old = new Set(imagesOf(live as KubeWorkload | undefined))
  const present = nodes.flatMap(({ status }) =>
    ((status as { images?: { names?: string[] }[] } | undefined)?.images ?? []).flatMap(
      ({ names = [] }) => names,
    ),
  )
  const isPresent = (image: string): boolean =>
    present.some((name) => name === image || name.endsWith(`/${image}`))
  const pulled = [...new Set(imagesOf(workload))].filter((image) => !old.has(image) && !isPresent(image))
  return pulled.map((image) => `the image ${image} is pulled first on nodes that do not have it`)
}

const missingSecret = (name: string): string =>
  `the Secret ${name} does not exist: pods do not start without it`

/** A budget does not slow a rollout, but draining a node meanwhile waits for it. */
function tightBudgets(workload: KubeWorkload, budgets: readonly KubeObject[]): string[] {
  const labels = podTemplatesOf(workload)[0]?.metadata?.labels
  return budgets.flatMap((budget) => {
    const { selector } = (budget.spec ?? {}) as { selector?: Parameters<typeof matchesLabels>[0] }
    const { disruptionsAllowed } = (budget.status ?? {}) as { disruptionsAllowed?: number }
    const isTight = disruptionsAllowed === 0 && budget.metadata.namespace === workload.metadata.namespace
    return isTight && matchesLabels(selector, labels)
      ? [
          `PodDisruptionBudget ${budget.metadata.name} allows no disruption now: nodes cannot be drained during this rollout`,
        ]
      : []
  })
}

const beingDeleted = ({ manifest }: ObjectPlan): string =>
  `${objectName(manifest)} is being deleted: changes applied to it are lost`

const notServed = ({ manifest }: ObjectPlan): string =>
  `${objectName(manifest)} is skipped: it needs ${whoBrings(manifest.apiVersion)}`
