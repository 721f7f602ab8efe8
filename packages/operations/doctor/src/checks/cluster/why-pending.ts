/**
 * Why no node accepts a pod, from the scheduler's message: `0/3 nodes are available: 1 Insufficient memory, 2 node(s) had
 * untolerated taint {nvidia.com/gpu: present}. preemption: ...`. Each node reports only the first filter that it fails, so the
 * intended nodes are those that fail last: a node reserved for GPUs does not explain why a pod without GPUs finds no memory.
 */

import type { Fix } from '../fix.ts'
import { shellWord } from '../shell-word.ts'
import type { PodObject } from './cluster-objects.ts'
import { asksForGpus, namespaceOf, short } from './cluster-readings.ts'

export interface WhyPending {
  readonly says: string
  readonly fix?: Fix
}

/** The first that the message holds counts. */
type Reason = (message: string, pod: PodObject) => WhyPending | undefined

const gpuTaint = /^(?:nvidia|amd)\.com\//
const taintsIn = (message: string): readonly string[] =>
  [...message.matchAll(/untolerated taint(?:\(s\))? \{([^}]{1,120})\}/g)].map(([, taint]) =>
    taint!.replace(/: $/, '').replace(': ', '='),
  )

const taintOf = (taint: string): WhyPending => ({
  says: `it does not tolerate taint ${taint}`,
  fix: {
    text: gpuTaint.test(taint)
      ? 'Add the toleration (deploy.gpuTaint).'
      : 'Add the toleration if the pods belong on these nodes; otherwise check the other nodes.',
    command: 'kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints',
  },
})

const lacking = (message: string, resource: RegExp): string | undefined =>
  [...message.matchAll(/Insufficient ([\w./-]{1,60}?)[.,]?(?=\s|$)/g)]
    .map(([, name]) => name!)
    .find((name) => resource.test(name))

const reasons: readonly Reason[] = [
  // Nodes without GPUs say that they have too few of them: those with the taint are the ones that were meant.
  (message, pod) => {
    const taint = taintsIn(message).find((each) => gpuTaint.test(each))
    return taint === undefined || !asksForGpus(pod) ? undefined : taintOf(taint)
  },
  (message) => {
    const gpu = lacking(message, gpuTaint)
    return gpu === undefined
      ? undefined
      : {
          says: `no node has enough ${gpu} free`,
          fix: {
            text: 'Free a GPU or add a node. For rollouts, set maxSurge 0 and maxUnavailable 1 so that the old pod stops first.',
            command: 'hadal deploy plan',
          },
        }
  },
  (message, pod) => {
    const missing = /persistentvolumeclaim "([^"]{1,253})" not found/i.exec(message)?.[1]
    if (missing !== undefined)
      return {
        says: `the PersistentVolumeClaim ${missing} does not exist`,
        fix: { text: 'Create it, or correct its name.', command: claimsOf(pod) },
      }
    return /persistentvolumeclaim/i.test(message)
      ? {
          says: 'its PersistentVolumeClaim is not bound',
          fix: {
            text: 'Check the claim; a storage class may be missing (deploy.storageClass).',
            command: claimsOf(pod),
          },
        }
      : undefined
  },
  (message, pod) =>
    /volume node affinity conflict/i.test(message)
      ? {
          says: 'its volume is bound to a node or zone without free capacity',
          fix: { text: 'Check the node affinity of the volume.', command: claimsOf(pod) },
        }
      : undefined,
  (message) => {
    const resource = lacking(message, /./)
    return resource === undefined
      ? undefined
      : {
          says: `no node has enough ${resource} free`,
          fix: {
            text: 'Request less, or add a node.',
            command: 'kubectl describe nodes | grep -A8 "Allocated resources"',
          },
        }
  },
  (message) =>
    /didn't match .{0,60}(?:affinity|selector)/i.test(message)
      ? {
          says: 'no node matches its node selector or affinity',
          fix: {
            text: 'Label the nodes, or correct nodeSelector and affinity (deploy.gpuLabel).',
            command: 'kubectl get nodes --show-labels',
          },
        }
      : undefined,
  (message) =>
    /\bwere unschedulable\b|node\.kubernetes\.io\//.test(message)
      ? {
          says: 'all matching nodes are cordoned or not ready',
          fix: {
            text: 'List them, and uncordon them (kubectl uncordon) once they are healthy.',
            command: 'kubectl get nodes',
          },
        }
      : undefined,
  (message) => {
    const taints = taintsIn(message)
    const taint = taints.find((each) => !each.startsWith('node-role.kubernetes.io/')) ?? taints[0]
    return taint === undefined ? undefined : taintOf(taint)
  },
]

const claimsOf = (pod: PodObject): string => `kubectl -n ${shellWord(namespaceOf(pod))} get pvc`

export function whyPending(message: string, pod: PodObject): WhyPending {
  // The rest explains why no pod is preempted for it.
  const [before = ''] = message.split(/\bpreemption:/, 1)
  for (const reason of reasons) {
    const found = reason(before, pod)
    if (found !== undefined) return found
  }
  return { says: message === '' ? 'the scheduler has reported no reason yet' : short(message) }
}
