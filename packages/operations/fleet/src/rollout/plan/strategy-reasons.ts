/** Why a strategy was chosen, or does not end, in a sentence with the numbers in it. */

import { ClusterRoom } from '../capacity/cluster-room.ts'
import { gpusIn } from '../capacity/pod-needs.ts'
import type { QuotaShortage } from '../capacity/quota-room.ts'
import { podTemplatesOf } from '../kube-objects.ts'
import type { ClusterState } from './rollout-plan.ts'
import { type RolloutStrategy, strategyText } from './rollout-strategy.ts'
import type { RolloutOutcome } from './simulate-rollout.ts'
import type { Trial } from './strategy-trial.ts'
import { isPodOf } from './workload-pods.ts'

/** Reason for a strategy that completes. */
export function whyThis(
  { old, refused, gpusEach, restartsPods }: Trial,
  strategy: RolloutStrategy,
  cluster: ClusterState,
): string {
  const text = strategyText(strategy)
  if (cluster.nodes === undefined)
    return `${text}: the capacity is unknown, since there is no permission to list nodes`
  if (old.length === 0) return 'all its pods fit'
  if (!restartsPods) return 'only the number of pods changes'
  const before = refused.at(-1)
  switch (strategy.how) {
    case 'surge':
      return `${text}: a new pod of ${gpuCount(gpusEach)} fits next to the old ones`
    case 'inPlace':
      return before === undefined ? `${text}: in place` : `${text}: ${before}`
    case 'recreate':
      return `${text}: ${before}; the service is down until new pods are ready`
    default:
      return `${text}, as set in the manifest`
  }
}

/** Reason against a strategy that does not complete. */
export function whyNot(
  trial: Trial,
  strategy: RolloutStrategy,
  outcome: RolloutOutcome | undefined,
  cluster: ClusterState,
): string {
  const { replicas, old, gpusEach, claimMode } = trial
  const left = outcome?.oldLeft ?? 0
  if (outcome?.isFinished) return whyNoSpare(trial, cluster)
  if (claimMode !== undefined && left > 0 && !strategy.isRecreate)
    return `its volume is ${claimMode}: a new pod waits for the old one to release it`
  if (left === 0) {
    const placed = outcome?.placed ?? 0
    return `${placed === 0 ? 'none' : placed} of ${replicas} fit: ${nowhere(trial, cluster, 'without')}`
  }
  const held = old.flat().reduce((sum, { needs }) => sum + gpusIn(needs), 0)
  const room = new ClusterRoom(cluster.nodes ?? [], cluster.pods).gpus()
  const open = room.byNode.reduce((sum, { total, isOpen }) => sum + (isOpen ? total : 0), 0)
  if (gpusEach > 0 && room.free === 0 && open === held) {
    const all = `${old.length} ${old.length === 1 ? 'replica holds' : 'replicas hold'} all ${gpuCount(open)}`
    return strategy.surge > 0
      ? `${all}, and a surge needs ${gpusEach} more`
      : `${all}, and a new one needs more than an old one frees`
  }
  const needed =
    strategy.surge > 0
      ? 'a new pod does not fit next to the old ones'
      : 'a new pod does not fit in place of an old one'
  return `${needed}: ${nowhere(trial, cluster, 'with')}`
}

/** It would end this time. */
function whyNoSpare({ replicas, maxReplicas }: Trial, { nodes = [] }: ClusterState): string {
  const { total } = new ClusterRoom(nodes, []).gpus()
  const running = `${Math.max(replicas, maxReplicas)} replicas${maxReplicas > replicas ? ', the maximum of its autoscaler' : ''}`
  return `no capacity for a surge is left next to ${running} (${gpuCount(total)} in total)`
}

/** Why pods fit nowhere now, with or without the old ones. */
function nowhere({ workload, live }: Trial, cluster: ClusterState, old: 'with' | 'without'): string {
  const pods =
    old === 'with' || live === undefined ? cluster.pods : cluster.pods.filter((pod) => !isPodOf(live, pod))
  const room = new ClusterRoom(cluster.nodes ?? [], pods)
  // More than any cluster holds would not end; what fills it is found long before.
  for (let replica = 0; replica < 10_000; replica++)
    for (const template of podTemplatesOf(workload))
      if (room.place(template) === undefined) return room.whyNowhere(template)
  return 'there is none'
}

export const quotaText = ({ quota, resource, needed, left }: QuotaShortage): string =>
  `the quota ${quota} leaves ${shown(left)} of ${resource}, but ${shown(needed)} more are needed at once`

const shown = (amount: number): string =>
  amount >= 2 ** 20
    ? `${Math.round((amount / 2 ** 30) * 10) / 10} GiB`
    : String(Math.round(amount * 100) / 100)

const gpuCount = (gpus: number): string => `${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}`
