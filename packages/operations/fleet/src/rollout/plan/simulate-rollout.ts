/**
 * Simulates rollouts pod by pod, like the controllers, and reports those that never complete: scheduled pods are assumed to become
 * ready, deleted ones to disappear. Concurrent rollouts share capacity.
 */

import type { ClusterRoom, Placement } from '../capacity/cluster-room.ts'
import type { PodTemplate } from '../kube-objects.ts'
import type { RolloutStrategy } from './rollout-strategy.ts'

export interface RollingWorkload {
  readonly key: string
  /** Where the pods of each old replica stand; none for one that waits for a node. */
  readonly old: readonly (readonly Placement[])[]
  readonly wanted: number
  /** Templates of one replica's pods. */
  readonly templates: readonly PodTemplate[]
  readonly strategy: RolloutStrategy
  /** A volume that one node at a time may mount: new pods must stand where old ones do. */
  readonly sharesNode: boolean
  /** By one pod alone: new pods wait until the old one is gone. */
  readonly sharesNothing: boolean
}

export interface RolloutOutcome {
  readonly isFinished: boolean
  /** New replicas that found room before nothing moved any more. */
  readonly placed: number
  readonly oldLeft: number
}

/** Changes the room. */
export function simulateRollout(
  room: ClusterRoom,
  workloads: readonly RollingWorkload[],
): ReadonlyMap<string, RolloutOutcome> {
  const states = workloads.map((workload) => ({
    workload,
    old: [...workload.old],
    fresh: [] as Placement[][],
  }))
  let hasMoved = true
  while (hasMoved) {
    hasMoved = false
    for (const state of states) if (step(room, state)) hasMoved = true
  }
  return new Map(
    states.map(({ workload, old, fresh }) => [
      workload.key,
      {
        isFinished: old.length === 0 && fresh.length === workload.wanted,
        placed: fresh.length,
        oldLeft: old.length,
      },
    ]),
  )
}

interface State {
  readonly workload: RollingWorkload
  old: (readonly Placement[])[]
  fresh: Placement[][]
}

/** One turn of the controller; false when it can do nothing. */
function step(room: ClusterRoom, state: State): boolean {
  const { wanted, strategy } = state.workload
  let hasMoved = false
  if (strategy.isRecreate)
    while (state.old.length > 0) {
      removeOne(room, state)
      hasMoved = true
    }
  const most = wanted + (strategy.isRecreate ? 0 : strategy.surge)
  while (state.fresh.length < wanted && state.old.length + state.fresh.length < most) {
    if (!addOne(room, state)) break
    hasMoved = true
  }
  const least = wanted - strategy.unavailable
  while (state.old.length > 0 && (hasWaiting(state) || availableIn(state) > least)) {
    removeOne(room, state)
    hasMoved = true
  }
  return hasMoved
}

const hasWaiting = ({ old }: State): boolean => old.some(({ length }) => length === 0)
const availableIn = ({ old, fresh }: State): number =>
  old.filter(({ length }) => length > 0).length + fresh.length

function addOne(room: ClusterRoom, state: State): boolean {
  const { templates, sharesNode, sharesNothing } = state.workload
  const standing = [...state.old, ...state.fresh].flat().map(({ nodeName }) => nodeName)
  if (sharesNothing && standing.length > 0) return false
  const isAllowed = (node: string): boolean => !sharesNode || standing.length === 0 || standing.includes(node)
  const placed: Placement[] = []
  for (const template of templates) {
    const placement = room.place(template, isAllowed)
    if (placement === undefined) {
      for (const each of placed) room.takeOff(each)
      return false
    }
    placed.push(placement)
  }
  state.fresh.push(placed)
  return true
}

/** Those that wait for a node first, then one of the node that has most of them: as ReplicaSets do. */
function removeOne(room: ClusterRoom, state: State): void {
  const counts = new Map<string, number>()
  for (const { nodeName } of state.old.flat()) counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1)
  const weight = (replica: readonly Placement[]): number =>
    replica.length === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(...replica.map((each) => counts.get(each.nodeName)!))
  const [first] = state.old.toSorted((a, b) => weight(b) - weight(a) || 0)
  state.old = state.old.filter((replica) => replica !== first)
  for (const placement of first ?? []) room.takeOff(placement)
}
