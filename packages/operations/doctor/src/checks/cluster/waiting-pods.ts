/** Pods that no node takes, and why. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, CheckContext, Verdict } from '../check.ts'
import type { NodeObject, PodObject, Taint } from './cluster-objects.ts'
import {
  asksForGpus,
  clusterList,
  countOf,
  describePod,
  gpusIn,
  groupBy,
  judgeList,
  short,
  timeOf,
  workloadOf,
} from './cluster-readings.ts'
import { whyPending } from './why-pending.ts'

/** A scheduler needs a moment, and an autoscaler of nodes some minutes. */
const longWaitMillis = 5 * 60_000

const pending = (capture: Capture, { takenAt }: CheckContext): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const waiting = pods.flatMap((pod) => {
      const condition = pod.status?.conditions?.find(
        ({ type, status }) => type === 'PodScheduled' && status === 'False',
      )
      return pod.status?.phase === 'Pending' && pod.spec?.nodeName === undefined
        ? { pod, message: condition?.message ?? '' }
        : []
    })
    const groups = groupBy(waiting, ({ pod, message }) =>
      JSON.stringify([workloadOf(pod), whyPending(message, pod).says]),
    )
    return {
      fine: 'no pod is unschedulable',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, message }] = group as [(typeof group)[0]]
        const { says, fix } = whyPending(message, pod)
        const since = Math.min(
          ...group.map((each) => timeOf(each.pod.metadata?.creationTimestamp) ?? takenAt),
        )
        return {
          severity: takenAt - since >= longWaitMillis ? 'error' : 'warning',
          says: `${countOf(group.length, 'pod')} of ${workloadOf(pod)} ${group.length === 1 ? 'waits' : 'wait'} for a node: ${says}`,
          fix: fix ?? describePod(pod, 'Check why it cannot be scheduled.'),
          ...(message === '' ? {} : { evidence: [short(message)] }),
        }
      }),
    }
  })

/** GPU pods that wait while every node with GPUs refuses them by a taint. */
function taints(capture: Capture): Verdict | readonly Verdict[] {
  const nodes = clusterList<NodeObject>(capture, 'kubernetes-nodes', 'nodes')
  if (nodes === 'absent') return { severity: 'skipped', says: 'the cluster does not list nodes' }
  if ('severity' in nodes) return nodes
  const offering = nodes.items.filter(({ status }) => gpusIn(status?.allocatable) > 0)
  if (offering.length === 0) return { severity: 'skipped', says: 'no node has an allocatable GPU' }
  return judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const refused = pods
      .filter(
        (pod) => pod.status?.phase === 'Pending' && pod.spec?.nodeName === undefined && asksForGpus(pod),
      )
      .flatMap((pod) => {
        const taint = firstRefusal(pod, offering)
        return taint === undefined ? [] : { pod, taint }
      })
    const groups = groupBy(refused, ({ pod, taint }) => `${workloadOf(pod)} ${taint}`)
    return {
      fine: 'GPU pods tolerate the taints of a GPU node, or none is pending',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, taint }] = group as [(typeof group)[0]]
        return {
          severity: 'error',
          says: `${workloadOf(pod)} requests GPUs but does not tolerate taint ${taint} of the GPU nodes`,
          fix: {
            text: 'Add the toleration to its pods (deploy.gpuTaint) and redeploy.',
            command: 'hadal deploy render',
          },
        }
      }),
    }
  })
}

/** Undefined where a node takes it. */
function firstRefusal(pod: PodObject, nodes: readonly NodeObject[]): string | undefined {
  let first: string | undefined
  for (const node of nodes) {
    const taint = node.spec?.taints?.find(
      (each) => each.effect !== 'PreferNoSchedule' && !isTolerated(pod, each),
    )
    if (taint === undefined) return undefined
    first ??= `${taint.key ?? ''}${taint.value ? `=${taint.value}` : ''}:${taint.effect ?? ''}`
  }
  return first
}

const isTolerated = ({ spec }: PodObject, taint: Taint): boolean =>
  spec?.tolerations?.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (operator === 'Exists'
        ? key === undefined || key === '' || key === taint.key
        : key === taint.key && value === (taint.value ?? '')),
  ) ?? false

export const waitingPodChecks: readonly Check[] = [
  {
    id: 'cluster-pending',
    group: 'cluster',
    title: 'Unscheduled pods',
    reads: ['kubernetes-pods'],
    verdict: pending,
    source: 'Kubernetes, Debug Pods',
  },
  {
    id: 'cluster-taints',
    group: 'cluster',
    title: 'GPU node taints',
    reads: ['kubernetes-nodes', 'kubernetes-pods'],
    verdict: taints,
    source: 'Kubernetes, Taints and Tolerations',
  },
]
