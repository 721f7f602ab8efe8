/** Shared by gateway and engine pods: non-root, writable only on volumes, start-up and shutdown budgets. */

import type { Deployment, PodTimes, SecretVariable } from '../deployment/deployment.ts'
import type { Labels } from './labels.ts'

/** As the image of Hadal has it; images of others get it from here. */
const user = 10_001
/** Where a pod may write: it is gone with the pod. */
export const stateFolder = '/var/lib/hadal'

export type Part = Readonly<Record<string, unknown>>

/** Pod fields shared by all its containers. */
export function podBase({ imagePullSecret }: Deployment, serviceAccountName: string, times: PodTimes): Part {
  return {
    serviceAccountName,
    // Variables of every Service in the namespace: HADAL_PORT of a Service `hadal` would be taken for a setting.
    enableServiceLinks: false,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      // Else each start goes through every file of a volume.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationGracePeriodSeconds: times.terminationGraceSeconds,
  }
}

/** Fields of each container. */
export const containerBase: Part = {
  imagePullPolicy: 'IfNotPresent',
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
}

/** Replicas on separate nodes and in separate zones if possible; a cluster of one node runs them all the same. */
export function spread(selector: Labels): Part {
  return {
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selector },
      }),
    ),
  }
}

/** `emptyDir` volumes for written files, and mounts. */
export const scratchVolumes: readonly Part[] = [
  { name: 'tmp', emptyDir: {} },
  { name: 'state', emptyDir: {} },
]
export const scratchMounts: readonly Part[] = [
  { name: 'tmp', mountPath: '/tmp' },
  { name: 'state', mountPath: stateFolder },
]

export function secretVariables(secrets: readonly SecretVariable[], secretName: string): readonly Part[] {
  return secrets.map(({ variable, key, optional }) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secretName, key, ...(optional && { optional }) } },
  }))
}

export interface ProbePaths {
  /** Answers 200 when the start is over. */
  readonly startup: string
  readonly ready: string
  /** Answers 200 while the process lives, however busy. */
  readonly live: string
}

/**
 * The start has `startupFailureThreshold` periods; only then the others begin. Liveness is patient, so that a process that is
 * busy lives: it has to be silent for two minutes, each question for ten seconds.
 */
export function probes(paths: ProbePaths, times: PodTimes): Part {
  const get = (path: string): Part => ({ httpGet: { path, port: 'http' } })
  const { probePeriodSeconds: periodSeconds, startupFailureThreshold } = times
  return {
    startupProbe: {
      ...get(paths.startup),
      periodSeconds,
      timeoutSeconds: 3,
      failureThreshold: startupFailureThreshold,
    },
    readinessProbe: { ...get(paths.ready), periodSeconds, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...get(paths.live), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
  }
}

/**
 * Drains a server that finishes its requests on SIGTERM. Requests still arrive until every node knows that
 * the pod is terminating; SIGTERM is sent only then.
 */
export function drain({ preStopSeconds }: PodTimes): Part {
  return preStopSeconds > 0 ? { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } } : {}
}

/** For Prometheus servers that look at annotations of pods. */
export function scrapeAnnotations({ monitoring }: Deployment, port: number): Part {
  if (monitoring.how !== 'annotations') return {}
  return {
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/path': '/metrics',
      'prometheus.io/port': String(port),
    },
  }
}

/** The longest start, in seconds: a node and an image, then what the startup probe allows. */
export function startSeconds({ probePeriodSeconds, startupFailureThreshold }: PodTimes): number {
  const pullAndSchedule = 300
  return pullAndSchedule + probePeriodSeconds * startupFailureThreshold
}

/** Longest time from a pod's end to its follower's readiness, in seconds, where both need the same place. */
export const replacementSeconds = (times: PodTimes): number =>
  times.terminationGraceSeconds + startSeconds(times)
