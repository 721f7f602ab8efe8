/**
 * Free capacity per node, with pods placed on nodes and removed again: four GPUs on four nodes fit no four-GPU pod. A small
 * scheduler: it picks the fullest node that fits, and models taints, selectors, node affinity, CPU, memory, the pod limit, and pods
 * that refuse to share a node. It does not model priorities, topology spread or volume zones.
 */

import type { KubeNode, KubePod, PodTemplate } from '../kube-objects.ts'
import { matchesLabels } from '../kube-objects.ts'
import { whyNotOn } from './may-run-on.ts'
import { type Amounts, amountsOf, gpusIn, podNeeds } from './pod-needs.ts'

export interface NodeRoom {
  readonly node: KubeNode
  readonly allocatable: Amounts
  readonly free: Map<string, number>
  /** Labels of the pods on it, for those that refuse to share a node. */
  readonly labels: Readonly<Record<string, string>>[]
}

/** A pod that was put somewhere: what `takeOff` gives back. */
export interface Placement {
  readonly nodeName: string
  readonly needs: Amounts
  readonly labels: Readonly<Record<string, string>>
}

/** All objects are in one namespace or name their own: labels of pods elsewhere do not count. */
export class ClusterRoom {
  readonly nodes: ReadonlyMap<string, NodeRoom>

  constructor(nodes: readonly KubeNode[], pods: readonly KubePod[]) {
    this.nodes = new Map(
      nodes.map((node) => {
        const allocatable = amountsOf(node.status?.allocatable)
        return [node.metadata.name, { node, allocatable, free: new Map(allocatable), labels: [] }]
      }),
    )
    for (const pod of pods) if (holdsRoom(pod)) this.putOn(placementOf(pod))
  }

  /** Places the pod on the node that it fills most; undefined if it fits nowhere. */
  place(template: PodTemplate, isAllowed: (nodeName: string) => boolean = () => true): Placement | undefined {
    const needs = podNeeds(template.spec ?? {})
    const labels = template.metadata?.labels ?? {}
    const candidates = [...this.nodes.values()]
      .filter(({ node }) => isAllowed(node.metadata.name))
      .filter((room) => this.#whyNot(template, needs, room) === undefined)
      .sort((a, b) => gpusIn(a.free) - gpusIn(b.free) || (a.free.get('cpu') ?? 0) - (b.free.get('cpu') ?? 0))
    const [chosen] = candidates
    if (chosen === undefined) return undefined
    const placement = { nodeName: chosen.node.metadata.name, needs, labels }
    this.putOn(placement)
    return placement
  }

  putOn(placement: Placement): void {
    this.#change(placement, -1)
    this.nodes.get(placement.nodeName)?.labels.push(placement.labels)
  }

  takeOff(placement: Placement): void {
    this.#change(placement, 1)
    const labels = this.nodes.get(placement.nodeName)?.labels ?? []
    const at = labels.indexOf(placement.labels)
    if (at >= 0) labels.splice(at, 1)
  }

  /** Free and in all, of nodes that take pods; `byNode` has only nodes with GPUs. */
  gpus(): GpuRoom {
    const byNode = [...this.nodes.values()]
      .map(({ node, allocatable, free }) => ({
        node: node.metadata.name,
        total: gpusIn(allocatable),
        free: Math.max(0, gpusIn(free)),
        isOpen:
          whyNotOn({ tolerations: [{ operator: 'Exists' }] }, node) === undefined &&
          !node.spec?.unschedulable,
      }))
      .filter(({ total }) => total > 0)
    const open = byNode.filter(({ isOpen }) => isOpen)
    return {
      total: byNode.reduce((sum, { total }) => sum + total, 0),
      free: open.reduce((sum, { free }) => sum + free, 0),
      maxOnOneNode: open.reduce((most, { free }) => Math.max(most, free), 0),
      byNode,
    }
  }

  /** Why the pod fits on no node, in one line, with the most frequent reason first. */
  whyNowhere(template: PodTemplate): string {
    const needs = podNeeds(template.spec ?? {})
    const counts = new Map<string, number>()
    for (const room of this.nodes.values()) {
      const why = this.#whyNot(template, needs, room)
      if (why !== undefined) counts.set(why, (counts.get(why) ?? 0) + 1)
    }
    if (this.nodes.size === 0) return 'the cluster has no nodes'
    return [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([why, count]) => `${count} ${count === 1 ? 'node' : 'nodes'} ${why}`)
      .join(', ')
  }

  #whyNot(template: PodTemplate, needs: Amounts, room: NodeRoom): string | undefined {
    const why = whyNotOn(template.spec ?? {}, room.node)
    if (why !== undefined) return why
    for (const [resource, amount] of needs) {
      const free = room.free.get(resource) ?? 0
      // Sums of fractions of cores are not exact.
      if (amount > free + 1e-9 * Math.max(1, amount)) return shortage(resource, amount, free)
    }
    const refuses =
      template.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const { topologyKey, labelSelector } of refuses) {
      if (topologyKey !== 'kubernetes.io/hostname') continue
      for (const labels of room.labels)
        if (matchesLabels(labelSelector, labels)) return 'with a pod that this one must not share a node with'
    }
    return undefined
  }

  #change({ nodeName, needs }: Placement, sign: 1 | -1): void {
    const free = this.nodes.get(nodeName)?.free
    if (free === undefined) return
    for (const [resource, amount] of needs) free.set(resource, (free.get(resource) ?? 0) + sign * amount)
  }
}

export interface GpuRoom {
  readonly total: number
  readonly free: number
  /** A pod cannot have more than this. */
  readonly maxOnOneNode: number
  readonly byNode: readonly {
    readonly node: string
    readonly total: number
    readonly free: number
    readonly isOpen: boolean
  }[]
}

/** A pod that ended holds nothing; one that is ending still does. */
export function holdsRoom({ spec, status }: KubePod): boolean {
  return Boolean(spec?.nodeName) && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

const unlabelled: Readonly<Record<string, string>> = {}

/** Two of the same pod are distinguished by nothing: one takes off what the other put on. */
export function placementOf({ spec = {}, metadata }: KubePod): Placement {
  return { nodeName: spec.nodeName ?? '', needs: podNeeds(spec), labels: metadata.labels ?? unlabelled }
}

function shortage(resource: string, needed: number, free: number): string {
  if (resource === 'memory' || resource === 'ephemeral-storage')
    return `with ${gib(free)} of ${resource} free, but ${gib(needed)} needed`
  const round = (amount: number): number => Math.round(Math.max(0, amount) * 100) / 100
  return `with ${round(free)} ${resource} free, but ${round(needed)} ${needed === 1 ? 'is' : 'are'} needed`
}

const gib = (bytes: number): string => `${Math.round((Math.max(0, bytes) / 2 ** 30) * 10) / 10} GiB`
