/** Pods that have a node and do not start, or lost theirs: an image, a Secret, a volume is missing, a node put them out. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import type { EventObject, PodObject } from './cluster-objects.ts'
import {
  clusterList,
  countOf,
  describePod,
  groupBy,
  judgeList,
  nameOf,
  namespaceOf,
  short,
  workloadOf,
} from './cluster-readings.ts'

const isEnded = ({ status }: PodObject): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

const imageReasons =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable|ImageInspectError)$/

const images = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const failing = waitingContainers(pods, imageReasons)
    const groups = groupBy(failing, ({ image, reason }) => `${image} ${reason}`)
    return {
      fine: 'all images can be pulled',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, image, reason, message }] = group as [(typeof group)[0]]
        return {
          severity: 'error',
          says: `the image ${image} cannot be pulled (${reason}), for ${countOf(group.length, 'pod')} of ${workloadOf(pod)}`,
          fix: imageFix(message, pod),
          ...(message === '' ? {} : { evidence: [short(message)] }),
        }
      }),
    }
  })

function imageFix(message: string, pod: PodObject): Fix {
  if (/unauthorized|denied|forbidden|authentication|authorization/i.test(message))
    return {
      text: 'The registry rejected this cluster. Create a pull secret and set deploy.imagePullSecret.',
      command: `kubectl -n ${namespaceOf(pod)} create secret docker-registry NAME`,
    }
  if (/not found|manifest unknown|does not exist/i.test(message))
    return describePod(
      pod,
      'The image does not exist. Push it, or correct its name and tag (deploy.image, deploy.engineImage).',
    )
  if (/toomanyrequests|rate limit/i.test(message))
    return describePod(
      pod,
      "The registry's pull rate limit is reached. Authenticate to the registry, or use a mirror.",
    )
  if (/no space left/i.test(message)) return describePod(pod, "The node's disk is full. Free disk space.")
  return describePod(pod, 'Check that the nodes can reach the registry.')
}

interface WaitingContainer {
  readonly pod: PodObject
  readonly container: string
  readonly image: string
  readonly reason: string
  readonly message: string
}

function waitingContainers(pods: readonly PodObject[], reasons: RegExp): readonly WaitingContainer[] {
  return pods
    .filter((pod) => !isEnded(pod))
    .flatMap((pod) =>
      [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].flatMap(
        ({ name = '?', image = '?', state }) => {
          const { reason = '', message = '' } = state?.waiting ?? {}
          return reasons.test(reason) ? { pod, container: name, image, reason, message } : []
        },
      ),
    )
}

const configs = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const failing = waitingContainers(
      pods,
      /^(?:CreateContainer(?:Config)?Error|RunContainerError|PreCreateHookError)$/,
    )
    const groups = groupBy(failing, ({ pod, message }) => `${workloadOf(pod)} ${message}`)
    return {
      fine: 'all containers were created',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, container, reason, message }] = group as [(typeof group)[0]]
        return {
          severity: 'error',
          says: `container ${container} of ${workloadOf(pod)} cannot be created: ${short(message) || reason}`,
          fix: describePod(pod, 'Create the Secret, ConfigMap or key that the message names.'),
        }
      }),
    }
  })

const mountReasons = /^(?:FailedMount|FailedAttachVolume|FailedCreatePodSandBox|UnexpectedAdmissionError)$/

/** Events stay for an hour: only of pods that still wait. */
function starts(capture: Capture): Verdict | readonly Verdict[] {
  const pods = clusterList<PodObject>(capture, 'kubernetes-pods', 'pods')
  const isWaiting = (namespace: string, name: string): boolean =>
    pods === 'absent' || 'severity' in pods || pods.isPartial
      ? true
      : pods.items.some(
          (pod) => nameOf(pod) === name && namespaceOf(pod) === namespace && pod.status?.phase === 'Pending',
        )
  return judgeList<EventObject>(capture, 'kubernetes-events', 'events', (events) => {
    const failing = events.filter(
      ({ reason = '', involvedObject }) =>
        mountReasons.test(reason) &&
        isWaiting(involvedObject?.namespace ?? 'default', involvedObject?.name ?? ''),
    )
    const groups = groupBy(
      failing,
      ({ involvedObject, reason }) => `${involvedObject?.namespace}/${involvedObject?.name} ${reason}`,
    )
    return {
      fine: 'no pod waits for a volume, a network or a device',
      verdicts: [...groups.values()].map((group): Verdict => {
        const { involvedObject, reason = '', message = '' } = group.at(-1)!
        const { namespace = 'default', name = '?' } = involvedObject ?? {}
        return {
          severity: 'error',
          says: `${namespace}/${name} cannot start: ${reason}: ${short(message)}`,
          fix: { text: startFix(reason, message), command: `kubectl -n ${namespace} describe pod ${name}` },
        }
      }),
    }
  })
}

function startFix(reason: string, message: string): string {
  if (/multi-attach|already (?:used|exclusively attached)/i.test(message))
    return 'Its volume is still attached to a pod on another node. Use strategy Recreate, or a ReadWriteMany storage class.'
  if (/not found/i.test(message)) return 'Create the mounted object, or correct its name.'
  if (reason === 'FailedCreatePodSandBox') return 'Check the network plugin and the GPU runtime of its node.'
  if (reason === 'UnexpectedAdmissionError')
    return 'The device plugin could not allocate its GPU. Restart the plugin on that node.'
  return 'Check its events.'
}

const evicted = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const groups = groupBy(
      pods.filter(({ status }) => status?.reason === 'Evicted'),
      workloadOf,
    )
    return {
      fine: 'no pod was evicted by its node',
      verdicts: [...groups].map(
        ([workload, group]): Verdict => ({
          severity: 'warning',
          says: `${countOf(group.length, 'pod')} of ${workload} ${group.length === 1 ? 'was' : 'were'} evicted: ${short(group.at(-1)!.status?.message ?? '') || 'no reason given'}`,
          fix: {
            text: 'Set requests that match its memory and ephemeral-storage use, then delete the failed pods.',
            command: `kubectl -n ${namespaceOf(group[0]!)} delete pods --field-selector=status.phase=Failed`,
          },
        }),
      ),
    }
  })

export const unstartedPodChecks: readonly Check[] = [
  {
    id: 'cluster-images',
    group: 'cluster',
    title: 'Images',
    reads: ['kubernetes-pods'],
    verdict: images,
    source: 'Kubernetes, Images',
  },
  {
    id: 'cluster-containers',
    group: 'cluster',
    title: 'Containers',
    reads: ['kubernetes-pods'],
    verdict: configs,
    source: 'Kubernetes, Debug Pods',
  },
  {
    id: 'cluster-starts',
    group: 'cluster',
    title: 'Volumes and devices',
    reads: ['kubernetes-events', 'kubernetes-pods'],
    verdict: starts,
    source: 'Kubernetes, Debug Pods',
  },
  {
    id: 'cluster-evicted',
    group: 'cluster',
    title: 'Evicted pods',
    reads: ['kubernetes-pods'],
    verdict: evicted,
    source: 'Kubernetes, Node-pressure Eviction',
  },
]
