/** Time limit of a rollout, from the probe budgets of its pods per round. */

import { type KubeWorkload, podTemplatesOf } from '../kube-objects.ts'
import type { WorkloadPlan } from '../plan/rollout-plan.ts'
import { writtenStrategy } from '../plan/rollout-strategy.ts'

/** For an image that is pulled and a pod that is scheduled. */
const pullSeconds = 600
/** Without a startup probe the start time is unknown. */
const unknownStartSeconds = 300

const unknownNodes = 10

/**
 * In milliseconds.
 *
 * @internal
 */
export function rolloutBudget(
  workload: KubeWorkload,
  { replicas, strategy }: Pick<WorkloadPlan, 'replicas' | 'strategy'>,
): number {
  const atOnce = strategy.isRecreate ? replicas : Math.max(1, strategy.surge + strategy.unavailable)
  const rounds = Math.max(1, Math.ceil(replicas / atOnce))
  const seconds = Math.max(unknownStartSeconds, ...podTemplatesOf(workload).map(startSeconds))
  const endSeconds = Math.max(0, ...podTemplatesOf(workload).map(({ spec }) => graceOf(spec)))
  return (pullSeconds + rounds * (seconds + endSeconds)) * 1000
}

/**
 * Budget of a workload without a planned strategy. A DaemonSet's nodes are known once it exists; until then
 * this value applies.
 *
 * @internal
 */
export function standingBudget(workload: KubeWorkload): number {
  const replicas =
    workload.kind === 'DaemonSet'
      ? (workload.status?.desiredNumberScheduled ?? unknownNodes)
      : (workload.spec?.replicas ?? 1)
  return rolloutBudget(workload, { replicas, strategy: writtenStrategy(workload, replicas) })
}

function startSeconds({ spec }: ReturnType<typeof podTemplatesOf>[number]): number {
  return Math.max(
    0,
    ...(spec?.containers ?? []).map(({ startupProbe: probe }) =>
      probe === undefined
        ? 0
        : (probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3),
    ),
  )
}

const graceOf = (spec: object | undefined): number =>
  (spec as { terminationGracePeriodSeconds?: number } | undefined)?.terminationGracePeriodSeconds ?? 30
