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
      fine: 'every image is there',
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
      text: 'The registry does not give it to this cluster: make a pull secret and name it (deploy.imagePullSecret).',
      command: `kubectl -n ${namespaceOf(pod)} create secret docker-registry NAME`,
    }
  if (/not found|manifest unknown|does not exist/i.test(message))
    return describePod(
      pod,
      'There is no such image: push it, or correct its name and tag (deploy.image, deploy.engineImage).',
    )
  if (/toomanyrequests|rate limit/i.test(message))
    return describePod(pod, 'The registry allows no more pulls for now: log in to it, or use a mirror.')
  if (/no space left/i.test(message)) return describePod(pod, 'The disk of its node is full.')
  return describePod(pod, 'See that nodes reach the registry.')
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
      fine: 'every container could be made',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, container, reason, message }] = group as [(typeof group)[0]]
        return {
          severity: 'error',
          says: `container ${container} of ${workloadOf(pod)} cannot be made: ${short(message) || reason}`,
          fix: describePod(
            pod,
            'Correct what the message names: a Secret, a ConfigMap or a key of one that is missing.',
          ),
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
    return 'Its volume still belongs to a pod on another node: a ReadWriteOnce volume needs strategy Recreate, or a ReadWriteMany class.'
  if (/not found/i.test(message)) return 'Make what it mounts, or correct its name.'
  if (reason === 'FailedCreatePodSandBox') return 'See the network plugin and the GPU runtime of its node.'
  if (reason === 'UnexpectedAdmissionError')
    return 'The device plugin could not give it its GPU: restart the plugin on that node.'
  return 'See what it waits for.'
}

const evicted = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const groups = groupBy(
      pods.filter(({ status }) => status?.reason === 'Evicted'),
      workloadOf,
    )
    return {
      fine: 'no pod was put out by its node',
      verdicts: [...groups].map(
        ([workload, group]): Verdict => ({
          severity: 'warning',
          says: `${countOf(group.length, 'pod')} of ${workload} ${group.length === 1 ? 'was' : 'were'} put out: ${short(group.at(-1)!.status?.message ?? '') || 'no reason is given'}`,
          fix: {
            text: 'Request what it uses: memory, ephemeral-storage. Then remove what is left.',
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
    title: 'Pods that were put out',
    reads: ['kubernetes-pods'],
    verdict: evicted,
    source: 'Kubernetes, Node-pressure Eviction',
  },
]
