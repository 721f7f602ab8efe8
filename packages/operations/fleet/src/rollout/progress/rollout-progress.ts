/**
 * Rollout progress: a state machine advanced with observations of a workload; returns what to display, and whether to keep waiting.
 * Uses the watcher's clock only, so cluster clocks may be wrong.
 */

import type { Condition, KubeEvent, KubeObject, KubePod, KubeWorkload } from '../kube-objects.ts'
import { isPodOf } from '../plan/workload-pods.ts'
import { currentReplicaSet } from './revisions.ts'
import { podTrouble, type Trouble, workloadTrouble } from './trouble.ts'

/** State observed at one moment. */
export interface RolloutSight {
  /** Undefined after deletion. */
  readonly workload: KubeWorkload | undefined
  readonly replicaSets: readonly KubeObject[]
  readonly pods: readonly KubePod[]
  readonly events: readonly KubeEvent[]
}

export interface RolloutProgress {
  readonly name: string
  readonly verdict: 'continue' | 'done' | 'failed'
  /** `hadal-engine: 1 of 4 new pods ready, 3 old ones left`. */
  readonly line: string
  /** Why it is not further, the most telling first. */
  readonly troubles: readonly Trouble[]
  readonly wanted: number
  readonly updated: number
  readonly ready: number
  readonly oldLeft: number
}

export interface RolloutWatch {
  step(sight: RolloutSight, nowMillis: number): RolloutProgress
}

export interface RolloutWatchOptions {
  /** The generation that was applied: less has not been taken in. */
  readonly generation: number
  /** Conditions before it was applied: unchanged ones are not about this rollout. */
  readonly before: readonly Condition[]
  /** How long a transient error must last before it counts. */
  readonly patienceMillis: number
}

/** @internal */
export function watchRollout(name: string, options: RolloutWatchOptions): RolloutWatch {
  const firstSeen = new Map<string, number>()
  return {
    step(sight, nowMillis) {
      const { workload } = sight
      if (workload === undefined)
        return {
          ...nothing(name),
          verdict: 'failed',
          line: `${name}: was deleted during the rollout`,
          troubles: [deleted],
        }
      const counts = countsOf(sight, workload)
      const troubles = troublesOf(sight, workload, options)
      const lasting = troubles.filter((trouble) => {
        const key = `${trouble.pod ?? ''} ${trouble.reason}`
        if (!firstSeen.has(key)) firstSeen.set(key, nowMillis)
        const lasted = nowMillis - firstSeen.get(key)!
        return (
          trouble.severity === 'fatal' || (trouble.severity === 'error' && lasted >= options.patienceMillis)
        )
      })
      const here = new Set(troubles.map((trouble) => `${trouble.pod ?? ''} ${trouble.reason}`))
      for (const key of firstSeen.keys()) if (!here.has(key)) firstSeen.delete(key)
      const isTaken =
        (workload.status?.observedGeneration ?? 0) >=
        Math.max(options.generation, workload.metadata.generation ?? 0)
      const isDone = isTaken && isComplete(workload, counts)
      return {
        name,
        ...counts,
        troubles: isDone ? [] : troubles,
        verdict: isDone ? 'done' : lasting.length > 0 ? 'failed' : 'continue',
        line: `${name}: ${isTaken ? lineOf(counts, isDone) : 'waiting for the controller to observe it'}`,
      }
    },
  }
}

interface Counts {
  readonly wanted: number
  readonly updated: number
  readonly ready: number
  readonly oldLeft: number
}

const nothing = (name: string): Counts & { name: string } => ({
  name,
  wanted: 0,
  updated: 0,
  ready: 0,
  oldLeft: 0,
})

const deleted: Trouble = {
  reason: 'Deleted',
  severity: 'fatal',
  sentence: 'the workload was deleted during the rollout',
  fix: 'Find out what deleted it, then apply again.',
}

/** Ready and available count only the new pods when the status separates them. */
function countsOf(sight: RolloutSight, workload: KubeWorkload): Counts {
  if (workload.kind === 'DaemonSet') return countsOfDaemonSet(workload)
  const { spec = {}, status = {}, kind } = workload
  const wanted = spec.replicas ?? 1
  const all = status.replicas ?? 0
  const updated = status.updatedReplicas ?? 0
  const oldLeft = Math.max(0, all - updated)
  const current = kind === 'Deployment' ? currentReplicaSet(workload, sight.replicaSets) : undefined
  const ofCurrent = (current?.status as { readyReplicas?: number } | undefined)?.readyReplicas
  const ready = current === undefined ? Math.min(updated, status.readyReplicas ?? 0) : (ofCurrent ?? 0)
  return { wanted, updated, ready, oldLeft }
}

function countsOfDaemonSet({ status = {} }: KubeWorkload): Counts {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0, numberReady = 0 } = status
  return { wanted, updated, ready: Math.min(updated, numberReady), oldLeft: Math.max(0, wanted - updated) }
}

/** As `kubectl rollout status` counts, but always of the generation that was applied. */
function isComplete(
  { kind, spec = {}, status = {} }: KubeWorkload,
  { wanted, updated, ready, oldLeft }: Counts,
): boolean {
  if (updated < wanted || oldLeft > 0) return false
  if (kind === 'Deployment')
    return (status.availableReplicas ?? 0) >= updated && (status.replicas ?? 0) === updated && ready >= wanted
  if (kind === 'StatefulSet' && status.updateRevision !== status.currentRevision && spec.replicas !== 0)
    return false
  return kind === 'DaemonSet' ? ready >= wanted : (status.readyReplicas ?? 0) >= wanted
}

function lineOf({ wanted, ready, updated, oldLeft }: Counts, isDone: boolean): string {
  if (isDone) return wanted === 0 ? 'scaled to zero' : `${ready} of ${wanted} ready`
  const starting = updated > ready ? `, ${updated - ready} starting` : ''
  const old = oldLeft > 0 ? `, ${oldLeft} old left` : ''
  return `${ready} of ${wanted} new ready${starting}${old}`
}

/** Issues of current-revision pods alone: issues of old pods are why they are replaced. */
function troublesOf(sight: RolloutSight, workload: KubeWorkload, options: RolloutWatchOptions): Trouble[] {
  const current = workload.kind === 'Deployment' ? currentReplicaSet(workload, sight.replicaSets) : undefined
  const pods = sight.pods.filter((pod) => {
    if (pod.metadata.deletionTimestamp !== undefined || !isPodOf(workload, pod)) return false
    if (workload.kind !== 'Deployment') return !isOld(pod, workload, options)
    if (current === undefined) return false
    return pod.metadata.ownerReferences?.some(
      ({ uid, name }) => (current.metadata.uid ?? '') === uid || current.metadata.name === name,
    )
  })
  const events = (object: KubeObject): KubeEvent[] =>
    sight.events.filter(({ involvedObject }) =>
      involvedObject?.uid === undefined
        ? involvedObject?.name === object.metadata.name
        : involvedObject.uid === object.metadata.uid,
    )
  const ofPods = pods.flatMap((pod) => podTrouble(pod, events(pod)) ?? [])
  const ofWorkload = workloadTrouble(workload, current, options, current === undefined ? [] : events(current))
  return [...ofPods, ...ofWorkload].toSorted((a, b) => rank(a) - rank(b))
}

/** This rollout may fix exactly the problem of an old pod. `generation` 0 includes all pods. */
function isOld({ metadata }: KubePod, workload: KubeWorkload, { generation }: RolloutWatchOptions): boolean {
  if (generation === 0) return false
  const revision = workload.status?.updateRevision
  if (workload.kind === 'StatefulSet' && revision !== undefined)
    return (metadata.labels?.['controller-revision-hash'] ?? revision) !== revision
  // The server's own clock, for both.
  const written = (workload.metadata.managedFields ?? []).flatMap(({ subresource, time }) =>
    subresource === undefined && time !== undefined ? [Date.parse(time)] : [],
  )
  return Date.parse(metadata.creationTimestamp ?? '') < Math.max(...written)
}

const rank = ({ severity }: Trouble): number => ['fatal', 'error', 'wait'].indexOf(severity)
