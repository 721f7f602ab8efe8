/** Checks of repeatedly terminating containers: exits, out of memory, probes. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, CheckContext, Verdict } from '../check.ts'
import type { ContainerStatus, EventObject, PodObject } from './cluster-objects.ts'
import { groupBy, judgeList, nameOf, namespaceOf, timeOf, workloadOf } from './cluster-readings.ts'

interface Container {
  readonly pod: PodObject
  readonly status: ContainerStatus
}

const containersOf = (pods: readonly PodObject[]): readonly Container[] =>
  pods.flatMap((pod) =>
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map(
      (status) => ({ pod, status }),
    ),
  )

const lastEnd = ({
  state,
  lastState,
}: ContainerStatus): NonNullable<ContainerStatus['state']>['terminated'] =>
  state?.terminated ?? lastState?.terminated

const manyRestarts = 3
const recentlyMillis = 60 * 60_000

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

const crashes = (capture: Capture, { takenAt }: CheckContext): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const failing = containersOf(pods).filter(({ status }) => {
      const ended = lastEnd(status)
      if (ended?.reason === 'OOMKilled') return false
      if (status.state?.waiting?.reason === 'CrashLoopBackOff') return true
      const at = timeOf(ended?.finishedAt)
      return (
        (status.restartCount ?? 0) >= manyRestarts &&
        ended?.exitCode !== 0 &&
        at !== undefined &&
        takenAt - at < recentlyMillis
      )
    })
    const groups = groupBy(failing, ({ pod, status }) => `${workloadOf(pod)} ${status.name}`)
    return {
      fine: 'no container is crash-looping',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, status }] = group.toSorted(
          (a, b) => (b.status.restartCount ?? 0) - (a.status.restartCount ?? 0),
        ) as [Container]
        const ended = lastEnd(status)
        const isLooping = group.some((each) => each.status.state?.waiting?.reason === 'CrashLoopBackOff')
        return {
          severity: isLooping ? 'error' : 'warning',
          says: `container ${status.name} of ${workloadOf(pod)} exits with code ${ended?.exitCode ?? '?'}${exitMeaning(ended?.exitCode)}, restarted ${times(status.restartCount ?? 0)}`,
          fix: {
            text: 'Read its last log.',
            command: `kubectl -n ${namespaceOf(pod)} logs ${nameOf(pod)} -c ${status.name} --previous | hadal doctor explain -`,
          },
        }
      }),
    }
  })

function exitMeaning(code: number | undefined): string {
  switch (code) {
    case 126:
    case 127:
      return ' (no such command in the image)'
    case 132:
      return ' (illegal instruction: not supported by this CPU)'
    case 134:
      return ' (aborted)'
    case 137:
      return ' (killed: out of memory, or a failed probe)'
    case 139:
      return ' (segmentation fault)'
    case 143:
      return ' (terminated by SIGTERM)'
    default:
      return ''
  }
}

const dayMillis = 24 * 60 * 60_000

const memory = (capture: Capture, { takenAt }: CheckContext): Verdict | readonly Verdict[] =>
  judgeList<PodObject>(capture, 'kubernetes-pods', 'pods', (pods) => {
    const killed = containersOf(pods).filter(({ status }) => lastEnd(status)?.reason === 'OOMKilled')
    const groups = groupBy(killed, ({ pod, status }) => `${workloadOf(pod)} ${status.name}`)
    return {
      fine: 'no container was OOM-killed',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ pod, status }] = group as [Container]
        const at = Math.max(...group.map((each) => timeOf(lastEnd(each.status)?.finishedAt) ?? takenAt))
        const limit = pod.spec?.containers?.find(({ name }) => name === status.name)?.resources?.limits
          ?.memory
        const restarts = group.reduce((sum, each) => sum + (each.status.restartCount ?? 0), 0)
        return {
          severity: takenAt - at < dayMillis ? 'error' : 'note',
          says: `container ${status.name} of ${workloadOf(pod)} exceeded its memory limit${limit === undefined ? '' : ` of ${limit}`} and was OOM-killed, restarted ${times(restarts)}`,
          fix: {
            text: 'Raise its memory limit (deploy.memoryLimit), or use a smaller model or context.',
            command: `kubectl -n ${namespaceOf(pod)} describe pod ${nameOf(pod)}`,
          },
        }
      }),
    }
  })

/** `Container engine failed liveness probe, will be restarted`. */
const killedByProbe = /failed (liveness|startup) probe/i

const probes = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<EventObject>(capture, 'kubernetes-killings', 'events', (events) => {
    const killings = events.flatMap((event) => {
      const probe = killedByProbe.exec(event.message ?? '')?.[1]?.toLowerCase()
      return probe === undefined ? [] : { event, probe }
    })
    const groups = groupBy(
      killings,
      ({ event, probe }) => `${event.involvedObject?.namespace}/${event.involvedObject?.name} ${probe}`,
    )
    return {
      fine: 'no probe killed a container within the last hour',
      verdicts: [...groups.values()].map((group): Verdict => {
        const [{ event, probe }] = group as [(typeof group)[0]]
        const { namespace = 'default', name = '?' } = event.involvedObject ?? {}
        const count = group.reduce(
          (sum, each) => sum + (each.event.series?.count ?? each.event.count ?? 1),
          0,
        )
        return {
          severity: 'error',
          says: `the ${probe} probe killed ${namespace}/${name} ${times(count)} within the last hour`,
          fix:
            probe === 'startup'
              ? {
                  text: 'Loading takes longer than the startup probe allows. Set deploy.coldStartMillis to the measured startup time.',
                  command: 'hadal bench coldstart',
                }
              : {
                  text: 'A busy server can respond late. Raise the timeout and failure threshold of its liveness probe.',
                  command: `kubectl -n ${namespace} describe pod ${name}`,
                },
        }
      }),
    }
  })

export const endedContainerChecks: readonly Check[] = [
  {
    id: 'cluster-crashes',
    group: 'cluster',
    title: 'Crashes',
    reads: ['kubernetes-pods'],
    verdict: crashes,
    source: 'Kubernetes, Pod Lifecycle',
  },
  {
    id: 'cluster-out-of-memory',
    group: 'cluster',
    title: 'Container memory',
    reads: ['kubernetes-pods'],
    verdict: memory,
    source: 'Kubernetes, Assign Memory Resources',
  },
  {
    id: 'cluster-probes',
    group: 'cluster',
    title: 'Probes',
    reads: ['kubernetes-killings'],
    verdict: probes,
    source: 'Kubernetes, Configure Probes',
  },
]
