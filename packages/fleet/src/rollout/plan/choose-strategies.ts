/**
 * How the pods of each workload are replaced, by the room that there is: beside the old ones while that fits, else one after the
 * other where they stand, else all at once. Everything that rolls at the same time is played through together.
 */

import type { HadalError } from '@hadal/base'
import { ClusterRoom, holdsRoom, type Placement, placementOf } from '../capacity/cluster-room.ts'
import { amountOfGpus, gpusIn, podNeeds } from '../capacity/pod-needs.ts'
import { type QuotaShortage, quotaShortage } from '../capacity/quota-room.ts'
import { doesNotFit, quotaExceeded, wouldDeadlock } from '../errors.ts'
import {
  type KubePod,
  type KubeWorkload,
  matchesLabels,
  objectKey,
  objectName,
  podTemplatesOf,
} from '../kube-objects.ts'
import type { ClusterState, WorkloadPlan } from './rollout-plan.ts'
import {
  inPlace,
  type RolloutStrategy,
  recreate,
  strategyText,
  surgeByOne,
  writtenStrategy,
} from './rollout-strategy.ts'
import { type RollingWorkload, type RolloutOutcome, simulateRollout } from './simulate-rollout.ts'

/** A workload whose pods are to be made or replaced. */
export interface RestartingWorkload {
  readonly workload: KubeWorkload
  readonly live: KubeWorkload | undefined
  readonly replicas: number
  /** Otherwise there are only more or fewer of them. */
  readonly restartsPods: boolean
  /** Whether its strategy may be chosen. */
  readonly isFree: boolean
}

export interface ChosenStrategies {
  readonly workloads: readonly WorkloadPlan[]
  readonly blockers: readonly HadalError[]
}

export function chooseStrategies(
  given: readonly RestartingWorkload[],
  cluster: ClusterState,
): ChosenStrategies {
  const trials = given.map((each) => trialOf(each, cluster))
  let outcomes = play(trials, cluster)
  // Who is stuck may be so since another holds room: one step down for all that are, and again.
  while (true) {
    const next = trials.filter((trial) => !ends(trial, outcomes, cluster) && trial.options.length > 1)
    if (next.length === 0) break
    for (const trial of next) trial.refused.push(whyNot(trial, trial.options.shift()!, outcomes, cluster))
    outcomes = play(trials, cluster)
  }
  const workloads = trials.map((trial) => planOf(trial, outcomes, cluster))
  const blockers = trials.flatMap((trial) => blockerOf(trial, outcomes, cluster))
  return { workloads, blockers }
}

interface Trial extends RestartingWorkload {
  readonly key: string
  readonly old: readonly (readonly Placement[])[]
  /** The first is the one that is tried. */
  readonly options: RolloutStrategy[]
  readonly refused: string[]
  readonly gpusEach: number
  readonly claimMode: 'ReadWriteOnce' | 'ReadWriteOncePod' | undefined
}

type Outcomes = ReadonlyMap<string, RolloutOutcome> | undefined

function trialOf(given: RestartingWorkload, cluster: ClusterState): Trial {
  const { workload, live, replicas, isFree } = given
  return {
    ...given,
    key: objectKey(workload),
    old: live === undefined ? [] : oldReplicas(live, cluster.pods),
    options: isFree ? optionsOf(workload) : [writtenStrategy(workload, replicas)],
    refused: [],
    gpusEach: amountOfGpus(workload),
    claimMode: claimModeOf(workload, cluster),
  }
}

function optionsOf({ kind }: KubeWorkload): RolloutStrategy[] {
  if (kind === 'Deployment') return [surgeByOne, inPlace, recreate]
  return kind === 'LeaderWorkerSet' ? [surgeByOne, inPlace] : [inPlace]
}

/** Undefined where room is unknown. */
function play(trials: readonly Trial[], cluster: ClusterState): Outcomes {
  if (cluster.nodes === undefined) return undefined
  return simulateRollout(new ClusterRoom(cluster.nodes, cluster.pods), trials.map(rollingOf))
}

const rollingOf = ({
  key,
  old,
  replicas,
  restartsPods,
  workload,
  options,
  claimMode,
}: Trial): RollingWorkload => ({
  key,
  old: restartsPods ? old : [],
  wanted: restartsPods ? replicas : Math.max(0, replicas - old.length),
  templates: podTemplatesOf(workload),
  strategy: options[0]!,
  sharesNode: claimMode === 'ReadWriteOnce',
  sharesNothing: claimMode === 'ReadWriteOncePod',
})

function ends(trial: Trial, outcomes: Outcomes, cluster: ClusterState): boolean {
  if (shortageOf(trial, cluster) !== undefined) return false
  return outcomes?.get(trial.key)?.isFinished ?? true
}

function shortageOf(trial: Trial, cluster: ClusterState): QuotaShortage | undefined {
  const { replicas, restartsPods, options, old, workload } = trial
  const surge = restartsPods ? options[0]!.surge : 0
  const more = replicas + surge - old.length
  const needs = podTemplatesOf(workload).map(({ spec = {} }) => podNeeds(spec))
  return quotaShortage(
    cluster.quotas,
    Array.from({ length: Math.max(0, more) }).flatMap(() => needs),
  )
}

function whyNot(trial: Trial, strategy: RolloutStrategy, outcomes: Outcomes, cluster: ClusterState): string {
  const short = shortageOf({ ...trial, options: [strategy] }, cluster)
  if (short !== undefined) return quotaText(short)
  const outcome = outcomes?.get(trial.key)
  const { replicas, old, gpusEach, claimMode } = trial
  const left = outcome?.oldLeft ?? 0
  if (claimMode !== undefined && left > 0 && !strategy.isRecreate)
    return `its volume is ${claimMode}: a new pod waits for the old one to let go of it`
  if (left === 0) return `${outcome?.placed ?? 0} of ${replicas} find room (${nowhere(trial, cluster)})`
  const engines = `${old.length} ${old.length === 1 ? 'replica holds' : 'replicas hold'}`
  const room = new ClusterRoom(cluster.nodes ?? [], cluster.pods).gpus()
  if (
    gpusEach > 0 &&
    room.free === 0 &&
    room.total === old.flat().reduce((sum, { needs }) => sum + gpusIn(needs), 0)
  )
    return strategy.surge > 0
      ? `${engines} all ${gpuCount(room.total)}, and a surge needs ${gpusEach} more`
      : `${engines} all ${gpuCount(room.total)}, and a new one needs more than an old one gives back`
  const needed = strategy.surge > 0 ? 'a new pod beside the old ones' : 'a new pod in the place of an old one'
  return `${needed} fits nowhere (${nowhere(trial, cluster)})`
}

/** As the cluster stands now, with all old pods in it. */
function nowhere({ workload }: Trial, cluster: ClusterState): string {
  const room = new ClusterRoom(cluster.nodes ?? [], cluster.pods)
  for (const template of podTemplatesOf(workload)) {
    if (room.place(template) === undefined) return room.whyNowhere(template)
  }
  return 'room for one, but not for all'
}

function planOf(trial: Trial, outcomes: Outcomes, cluster: ClusterState): WorkloadPlan {
  const [strategy] = trial.options as [RolloutStrategy]
  const isEnding = ends(trial, outcomes, cluster)
  return {
    key: trial.key,
    name: objectName(trial.workload),
    replicas: trial.replicas,
    gpusEach: trial.gpusEach,
    strategy,
    why: isEnding ? whyThis(trial, strategy, cluster) : whyNot(trial, strategy, outcomes, cluster),
    ends: isEnding,
  }
}

function whyThis(
  { old, refused, gpusEach, isFree, restartsPods }: Trial,
  strategy: RolloutStrategy,
  cluster: ClusterState,
): string {
  const text = strategyText(strategy)
  if (old.length === 0) return 'its pods are new, and find room'
  if (cluster.nodes === undefined) return `${text}: the room is unknown, since nodes may not be read`
  if (!restartsPods) return 'more or fewer of the same pods'
  if (!isFree) return `${text}, as written, ends`
  const before = refused.at(-1)
  switch (strategy.how) {
    case 'surge':
      return gpusEach > 0
        ? `${text}: a new pod of ${gpuCount(gpusEach)} fits beside the old ones`
        : `${text}: a new pod fits beside the old ones`
    case 'inPlace':
      return before === undefined ? `${text}: where it stands` : `${text}: ${before}`
    default:
      return `${text}: ${before}; nothing answers until the new pods are ready`
  }
}

function blockerOf(trial: Trial, outcomes: Outcomes, cluster: ClusterState): HadalError[] {
  if (ends(trial, outcomes, cluster)) return []
  const name = objectName(trial.workload)
  const [strategy] = trial.options as [RolloutStrategy]
  const short = shortageOf(trial, cluster)
  if (short !== undefined) return [quotaExceeded(name, quotaText(short))]
  const why = whyNot(trial, strategy, outcomes, cluster)
  const isDeadlock = (outcomes?.get(trial.key)?.oldLeft ?? 0) > 0 && !trial.isFree
  return [isDeadlock ? wouldDeadlock(name, `${why} (${strategyText(strategy)})`) : doesNotFit(name, why)]
}

const quotaText = ({ quota, resource, needed, left }: QuotaShortage): string =>
  `the quota ${quota} leaves ${shown(left)} of ${resource}, and ${shown(needed)} more are needed at once`

const shown = (amount: number): string =>
  amount >= 2 ** 20
    ? `${Math.round((amount / 2 ** 30) * 10) / 10} GiB`
    : String(Math.round(amount * 100) / 100)

const gpuCount = (gpus: number): string => `${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}`

/** Pods of one replica of a LeaderWorkerSet belong together by their group's label. */
function oldReplicas(live: KubeWorkload, pods: readonly KubePod[]): Placement[][] {
  const own = pods.filter(
    (pod) =>
      pod.metadata.namespace === live.metadata.namespace &&
      isPodOf(live, pod) &&
      pod.status?.phase !== 'Succeeded' &&
      pod.status?.phase !== 'Failed',
  )
  const groups = new Map<string, Placement[]>()
  for (const pod of own) {
    const group =
      live.kind === 'LeaderWorkerSet'
        ? (pod.metadata.labels?.['leaderworkerset.sigs.k8s.io/group-index'] ?? pod.metadata.name)
        : pod.metadata.name
    const placements = groups.get(group) ?? []
    if (holdsRoom(pod)) placements.push(placementOf(pod))
    groups.set(group, placements)
  }
  return [...groups.values()]
}

export function isPodOf(workload: KubeWorkload, pod: KubePod): boolean {
  if (workload.kind === 'LeaderWorkerSet')
    return pod.metadata.labels?.['leaderworkerset.sigs.k8s.io/name'] === workload.metadata.name
  return matchesLabels(workload.spec?.selector, pod.metadata.labels)
}

/** The narrowest of its claims. */
function claimModeOf(workload: KubeWorkload, { claims }: ClusterState): Trial['claimMode'] {
  const names = new Set(
    podTemplatesOf(workload).flatMap(({ spec }) =>
      (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
        claim === undefined ? [] : [claim.claimName],
      ),
    ),
  )
  const modes = claims
    .filter(({ metadata }) => names.has(metadata.name))
    .map((claim) => (claim.spec as { accessModes?: string[] } | undefined)?.accessModes ?? [])
  if (modes.some((each) => each.includes('ReadWriteOncePod'))) return 'ReadWriteOncePod'
  return modes.some((each) => each.length === 1 && each[0] === 'ReadWriteOnce') ? 'ReadWriteOnce' : undefined
}
