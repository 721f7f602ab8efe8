/**
 * Chooses rollout strategies by available capacity: surge if it fits, else in place one at a time, else all at once. Concurrent
 * rollouts are simulated together.
 */

import type { HadalError } from '@hadal/base'
import { ClusterRoom, type Placement } from '../capacity/cluster-room.ts'
import { podNeeds } from '../capacity/pod-needs.ts'
import { type QuotaShortage, quotaShortage } from '../capacity/quota-room.ts'
import { doesNotFit, quotaExceeded, wouldDeadlock } from '../errors.ts'
import { objectName, podTemplatesOf } from '../kube-objects.ts'
import type { ClusterState, WorkloadPlan } from './rollout-plan.ts'
import { type RolloutStrategy, strategyText } from './rollout-strategy.ts'
import { type RollingWorkload, type RolloutOutcome, simulateRollout } from './simulate-rollout.ts'
import { quotaText, whyNot, whyThis } from './strategy-reasons.ts'
import { type RestartingWorkload, type Trial, trialOf } from './strategy-trial.ts'

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
  // A stuck workload may lack capacity that another holds: step all stuck ones down, and repeat.
  while (true) {
    const next = trials.filter((trial) => !ends(trial, outcomes, cluster) && trial.options.length > 1)
    if (next.length === 0) break
    for (const trial of next) trial.refused.push(refusalOf(trial, trial.options.shift()!, outcomes, cluster))
    outcomes = play(trials, cluster)
  }
  const workloads = trials.map((trial) => planOf(trial, outcomes, cluster))
  const blockers = trials.flatMap((trial) => blockerOf(trial, outcomes, cluster))
  return { workloads, blockers }
}

type Outcomes = ReadonlyMap<string, RolloutOutcome & { readonly hasSpare: boolean }> | undefined

/** Undefined where room is unknown. */
function play(trials: readonly Trial[], cluster: ClusterState): Outcomes {
  if (cluster.nodes === undefined) return undefined
  const room = new ClusterRoom(cluster.nodes, cluster.pods)
  const outcomes = simulateRollout(room, trials.map(rollingOf))
  return new Map(
    trials.map((trial) => [
      trial.key,
      { ...outcomes.get(trial.key)!, hasSpare: !needsSpare(trial) || hasSpare(trial, room) },
    ]),
  )
}

/** A chosen surge stays in the manifest for later rollouts by other means. */
const needsSpare = ({ isFree, options: [strategy] }: Trial): boolean => isFree && strategy?.how === 'surge'

/** Room for one more where all stand, and as many as an autoscaler may make. Leaves the room as it was. */
function hasSpare({ workload, replicas, maxReplicas }: Trial, room: ClusterRoom): boolean {
  const templates = podTemplatesOf(workload)
  const placements: Placement[] = []
  let isAllPlaced = true
  for (let count = replicas; isAllPlaced && count < Math.max(replicas, maxReplicas) + 1; count++)
    for (const template of templates) {
      const placement = room.place(template)
      if (placement === undefined) isAllPlaced = false
      else placements.push(placement)
    }
  for (const placement of placements) room.takeOff(placement)
  return isAllPlaced
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
  const outcome = outcomes?.get(trial.key)
  return outcome === undefined || (outcome.isFinished && outcome.hasSpare)
}

function shortageOf(trial: Trial, cluster: ClusterState): QuotaShortage | undefined {
  const { replicas, restartsPods, options, old, workload } = trial
  const surge = restartsPods && old.length > 0 ? options[0]!.surge : 0
  const more = replicas + surge - old.length
  const needs = podTemplatesOf(workload).map(({ spec = {} }) => podNeeds(spec))
  return quotaShortage(
    cluster.quotas,
    Array.from({ length: Math.max(0, more) }).flatMap(() => needs),
  )
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
    why: isEnding ? whyThis(trial, strategy, cluster) : refusalOf(trial, strategy, outcomes, cluster),
    // Pods that may not be read are no pods that are not there.
    isNew: trial.live === undefined || (cluster.nodes !== undefined && trial.old.length === 0),
    ends: isEnding,
  }
}

function blockerOf(trial: Trial, outcomes: Outcomes, cluster: ClusterState): HadalError[] {
  if (ends(trial, outcomes, cluster)) return []
  const name = objectName(trial.workload)
  const [strategy] = trial.options as [RolloutStrategy]
  const why = refusalOf(trial, strategy, outcomes, cluster)
  if (shortageOf(trial, cluster) !== undefined) return [quotaExceeded(name, why)]
  const isDeadlock = (outcomes?.get(trial.key)?.oldLeft ?? 0) > 0 && !trial.isFree
  return [
    isDeadlock
      ? wouldDeadlock(name, `${why}; the manifest sets ${strategyText(strategy)}`)
      : doesNotFit(name, why),
  ]
}

function refusalOf(
  trial: Trial,
  strategy: RolloutStrategy,
  outcomes: Outcomes,
  cluster: ClusterState,
): string {
  const short = shortageOf({ ...trial, options: [strategy] }, cluster)
  return short === undefined ? whyNot(trial, strategy, outcomes?.get(trial.key), cluster) : quotaText(short)
}
