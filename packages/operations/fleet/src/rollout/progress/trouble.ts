/** Why a pod is not ready, with a remedy: from its status and events. */

import type {
  Condition,
  ContainerStatus,
  KubeEvent,
  KubeObject,
  KubePod,
  KubeWorkload,
} from '../kube-objects.ts'

export interface Trouble {
  /** Kubernetes' word for it: `CrashLoopBackOff`. */
  readonly reason: string
  /** `wait` resolves by itself or when other work ends; `error` may be transient; `fatal` does not resolve without a change. */
  readonly severity: 'wait' | 'error' | 'fatal'
  readonly pod?: string
  readonly sentence: string
  readonly fix: string
}

/** Undefined for a pod that is ready, or on its way. */
export function podTrouble(pod: KubePod, events: readonly KubeEvent[]): Trouble | undefined {
  if (isReady(pod)) return undefined
  const { name, namespace = 'default' } = pod.metadata
  const found =
    containerTrouble(pod) ??
    unschedulable(pod, events) ??
    mountTrouble(pod, events) ??
    sandboxTrouble(events) ??
    probeTrouble(events)
  if (found === undefined) return undefined
  const fix = found.fix.replace(/\bkubectl /, `kubectl -n ${namespace} `).replace(/\bPOD\b/, name)
  return { ...found, fix, pod: name }
}

function containerTrouble({ status }: KubePod): Trouble | undefined {
  if (status?.reason === 'Evicted')
    return {
      reason: 'Evicted',
      severity: 'wait',
      sentence: 'it was evicted because its node ran out of memory or disk',
      fix: 'Request the resources it uses: memory, ephemeral-storage.',
    }
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const found = ofContainer(container)
    if (found !== undefined) return found
  }
  return undefined
}

function ofContainer({
  name,
  image = 'its image',
  restartCount = 0,
  state,
  lastState,
}: ContainerStatus): Trouble | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {}
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
      return imageTrouble(reason, image, message)
    case 'InvalidImageName':
      return {
        reason,
        severity: 'fatal',
        sentence: `${image} is not a valid image name`,
        fix: 'Correct the image.',
      }
    case 'ErrImageNeverPull':
      return {
        reason,
        severity: 'fatal',
        sentence: `${image} is not on the node, and imagePullPolicy is Never`,
        fix: 'Load the image onto the node, or allow pulling: IfNotPresent.',
      }
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return configTrouble(reason, message)
  }
  const ended = lastState?.terminated ?? state?.terminated
  if (ended === undefined || (ended.exitCode === 0 && reason !== 'CrashLoopBackOff')) return undefined
  if (state?.running !== undefined && restartCount < crashesAreFatal) return undefined
  return crashTrouble(name, restartCount, ended, reason)
}

/** Restarts from which a crash counts as permanent. */
const crashesAreFatal = 3

function crashTrouble(
  container: string,
  restarts: number,
  ended: { readonly exitCode?: number; readonly reason?: string; readonly message?: string },
  waiting: string,
): Trouble {
  const times = restarts === 1 ? 'once' : `${restarts} times`
  const severity = restarts >= crashesAreFatal ? 'fatal' : 'error'
  if (ended.reason === 'OOMKilled')
    return {
      reason: 'OOMKilled',
      severity,
      sentence: `container ${container} exceeded its memory limit and was killed, ${times}`,
      fix: 'Raise its memory limit (deploy.memoryLimit), or use a smaller model or context.',
    }
  const said = ended.message ? `: ${lastLine(ended.message)}` : ''
  return {
    reason: waiting || 'Error',
    severity,
    sentence: `container ${container} exits with code ${ended.exitCode ?? '?'}${exitMeaning(ended.exitCode)}, restarted ${times}${said}`,
    fix: `Check its log: kubectl logs POD -c ${container} --previous.`,
  }
}

function exitMeaning(code: number | undefined): string {
  switch (code) {
    case 126:
    case 127:
      return ' (command not found in the image)'
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

function imageTrouble(reason: string, image: string, message: string): Trouble {
  if (/unauthorized|denied|forbidden|authentication/i.test(message))
    return {
      reason,
      severity: 'error',
      sentence: `the registry denies ${image} to this cluster, or does not have it`,
      fix: 'Create a pull secret in the namespace and set deploy.imagePullSecret.',
    }
  if (/not found|manifest unknown|does not exist/i.test(message))
    return {
      reason,
      severity: 'error',
      sentence: `the image ${image} does not exist`,
      fix: 'Push it, or correct its name and tag (deploy.image, deploy.engineImage).',
    }
  const why = message ? `: ${lastLine(message)}` : ''
  return {
    reason,
    severity: 'wait',
    sentence: `${image} cannot be pulled${why}`,
    fix: 'Make sure that nodes can reach the registry.',
  }
}

function configTrouble(reason: string, message: string): Trouble {
  const missing = /(secret|configmap) "([^"]+)" not found/i.exec(message)
  if (missing !== null) {
    const [, kind, name] = missing as unknown as [string, string, string]
    return {
      reason,
      severity: 'error',
      sentence: `the ${kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'} ${name} does not exist`,
      fix:
        kind.toLowerCase() === 'secret'
          ? `Create it: kubectl create secret generic ${name} --from-literal=KEY=VALUE.`
          : 'Apply it.',
    }
  }
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message)
  if (key !== null)
    return {
      reason,
      severity: 'error',
      sentence: `the ${key[2]} ${key[3]} has no key ${key[1]}`,
      fix: 'Add the key.',
    }
  return {
    reason,
    severity: 'error',
    sentence: `the container cannot be created: ${lastLine(message) || reason}`,
    fix: 'Correct what the message reports.',
  }
}

function unschedulable({ status, spec }: KubePod, events: readonly KubeEvent[]): Trouble | undefined {
  if (spec?.nodeName) return undefined
  const condition = status?.conditions?.find(
    ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
  )
  const message = condition?.message ?? last(events, 'FailedScheduling')?.message
  if (message === undefined) return undefined
  const reason = 'Unschedulable'
  const gpu = /Insufficient ((?:nvidia|amd)\.com\/\S+?)[.,]?(?:\s|$)/.exec(message)
  if (gpu !== null)
    return {
      reason,
      severity: 'wait',
      sentence: `no node has enough ${gpu[1]} free (Insufficient ${gpu[1]})`,
      fix: 'It resolves once an old pod stops. If none stops: free a GPU, add a node, or use maxSurge 0, maxUnavailable 1 (`hadal deploy plan` counts free GPUs).',
    }
  const taint = /untolerated taint(?:\(s\))? \{([^}]+)\}/.exec(message)
  if (taint !== null)
    return {
      reason,
      severity: 'wait',
      sentence: `it does not tolerate the taint ${taint[1]!.replace(/: $/, '').replace(/: /, '=')} of the suitable nodes`,
      fix: 'Add the toleration (deploy.gpuTaint).',
    }
  if (/didn't match .*(affinity|selector)/i.test(message))
    return {
      reason,
      severity: 'wait',
      sentence: 'no node has the labels that it selects',
      fix: 'Label the nodes, or correct nodeSelector and affinity (deploy.gpuLabel).',
    }
  if (/unbound immediate PersistentVolumeClaims|persistentvolumeclaim "?[\w-]+"? not found/i.test(message))
    return {
      reason,
      severity: 'wait',
      sentence: 'its volume does not exist yet: the claim is not bound',
      fix: 'Run kubectl describe pvc for the reason; a storage class may be missing (deploy.storageClass).',
    }
  const short = /Insufficient (\S+?)[.,]?(?:\s|$)/.exec(message)
  return {
    reason,
    severity: 'wait',
    sentence:
      short === null ? `no node can run it: ${lastLine(message)}` : `no node has enough ${short[1]} free`,
    fix: 'Request less, or add a node.',
  }
}

function mountTrouble(pod: KubePod, events: readonly KubeEvent[]): Trouble | undefined {
  const event = last(events, 'FailedMount') ?? last(events, 'FailedAttachVolume')
  if (event === undefined || hasStarted(pod)) return undefined
  // Mounts precede image pulls, so a later pull proves the mount. Events last an hour.
  if (
    events.some(
      (each) => /^(Pulling|Pulled|Created|Started)$/.test(each.reason ?? '') && timeOf(each) >= timeOf(event),
    )
  )
    return undefined
  const message = event.message ?? ''
  const reason = event.reason ?? 'FailedMount'
  if (/multi-attach|already (used|exclusively attached)/i.test(message))
    return {
      reason,
      severity: 'wait',
      sentence: 'its volume is still attached to another node',
      fix: 'For a ReadWriteOnce volume use strategy Recreate, or use a ReadWriteMany class.',
    }
  const missing = /(secret|configmap) "([^"]+)" not found/i.exec(message)
  return {
    reason,
    severity: 'error',
    sentence:
      missing === null
        ? `a volume cannot be mounted: ${lastLine(message)}`
        : `the ${missing[1]} ${missing[2]} that it mounts does not exist`,
    fix: missing === null ? 'Run kubectl describe pod for details.' : 'Create it, or correct its name.',
  }
}

function sandboxTrouble(events: readonly KubeEvent[]): Trouble | undefined {
  const event = last(events, 'FailedCreatePodSandBox')
  return event === undefined
    ? undefined
    : {
        reason: 'FailedCreatePodSandBox',
        severity: 'wait',
        sentence: `its node cannot start pods: ${lastLine(event.message ?? '')}`,
        fix: 'Check the network plugin and the GPU runtime of the node.',
      }
}

function probeTrouble(events: readonly KubeEvent[]): Trouble | undefined {
  const event = last(events, 'Unhealthy')
  if (event === undefined) return undefined
  const message = lastLine(event.message ?? '')
  const isStartup = /^startup/i.test(message)
  return {
    reason: 'Unhealthy',
    severity: 'wait',
    sentence: message || 'a probe fails',
    fix: isStartup
      ? 'It may still be loading its model; a longer start needs a larger budget (deploy.coldStartMillis).'
      : 'Check its log: kubectl logs POD.',
  }
}

/** Issues of the Deployment and its current ReplicaSet. Earlier conditions do not belong to this rollout. */
export function workloadTrouble(
  workload: KubeWorkload,
  replicaSet: KubeObject | undefined,
  { before, generation }: { readonly before: readonly Condition[]; readonly generation: number },
  events: readonly KubeEvent[],
): Trouble[] {
  const { status = {}, spec = {}, metadata } = workload
  const troubles: Trouble[] = []
  if (spec.paused)
    troubles.push({
      reason: 'Paused',
      severity: 'wait',
      sentence: 'the rollout is paused',
      fix: `kubectl rollout resume ${workload.kind.toLowerCase()}/${metadata.name}`,
    })
  if ((status.observedGeneration ?? 0) < Math.max(generation, metadata.generation ?? 0)) return troubles
  const fresh = (type: string): Condition | undefined =>
    status.conditions?.find((each) => each.type === type && !before.some((old) => isSameCondition(old, each)))
  const quota = fresh('ReplicaFailure')
  // The event stays for an hour, though pods were made since.
  const event = lacksPods(replicaSet) ? last(events, 'FailedCreate') : undefined
  const refused = quota?.status === 'True' ? quota.message : event?.message
  if (refused !== undefined) troubles.push(refusedPods(refused))
  const progressing = fresh('Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded' && names(progressing.message, replicaSet))
    troubles.push({
      reason: 'ProgressDeadlineExceeded',
      severity: 'fatal',
      sentence: `no progress for ${spec.progressDeadlineSeconds ?? 600} seconds`,
      fix: 'See the pod errors listed with this one.',
    })
  return troubles
}

function refusedPods(message: string): Trouble {
  const quota = /exceeded quota: ([^,]+), (.*)$/.exec(message)
  if (quota !== null)
    return {
      reason: 'FailedCreate',
      severity: 'error',
      sentence: `the quota ${quota[1]} is exceeded: ${quota[2]}`,
      fix: 'Raise the quota, or request less.',
    }
  return {
    reason: 'FailedCreate',
    severity: 'error',
    sentence: `pods cannot be created: ${lastLine(withoutPod(message))}`,
    fix: 'Correct what the message reports.',
  }
}

/** Each retry has another name; without it, they count as one. */
const withoutPod = (message: string): string =>
  message.replace(/^(\(combined from similar events\): )?Error creating: (pods "[^"]*" is forbidden: )?/, '')

/** `ReplicaSet "hadal-engine-5d9c" has timed out progressing.` */
const names = (message: string | undefined, replicaSet: KubeObject | undefined): boolean => {
  const named = /ReplicaSet "([^"]+)"/.exec(message ?? '')
  return named === null || replicaSet === undefined || named[1] === replicaSet.metadata.name
}

const isSameCondition = (left: Condition, right: Condition): boolean =>
  left.type === right.type &&
  left.status === right.status &&
  left.reason === right.reason &&
  left.lastUpdateTime === right.lastUpdateTime &&
  left.message === right.message

const isReady = ({ status }: KubePod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

const hasStarted = ({ status }: KubePod): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(
    ({ state, lastState }) => (state?.running ?? state?.terminated ?? lastState?.terminated) !== undefined,
  )

const lacksPods = (replicaSet: KubeObject | undefined): boolean => {
  const { replicas: made = 0 } = (replicaSet?.status ?? {}) as { replicas?: number }
  const { replicas: wanted = 0 } = (replicaSet?.spec ?? {}) as { replicas?: number }
  return made < wanted
}

/** Events come in no order. */
const last = (events: readonly KubeEvent[], reason: string): KubeEvent | undefined =>
  events
    .filter((event) => event.reason === reason)
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .at(-1)

const timeOf = ({ lastTimestamp, eventTime }: KubeEvent): number =>
  Date.parse(lastTimestamp ?? eventTime ?? '') || 0

/** The relevant part of a long message is at its end. */
function lastLine(message: string): string {
  const line = message.trim().split('\n').at(-1) ?? ''
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
