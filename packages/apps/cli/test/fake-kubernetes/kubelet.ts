/** Starts bound pods according to their image's script, and terminates deleted ones. */

import { type Cluster, tellEvent } from './cluster.ts'
import type { Data, StoredObject } from './object-store.ts'

const backOffMillis = 10_000

export function syncPods(cluster: Cluster): void {
  for (const pod of cluster.store.list('Pod')) {
    const { deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) {
      if (cluster.now() - Date.parse(deletionTimestamp) >= cluster.script.terminationMillis)
        cluster.store.remove(pod)
      continue
    }
    if (pod.spec?.nodeName === undefined) continue
    const status = statusOf(cluster, pod)
    cluster.store.put({ ...pod, status: { ...pod.status, ...status } })
  }
}

function statusOf(cluster: Cluster, pod: StoredObject): Data {
  const age = cluster.now() - Number(pod.metadata.annotations?.['fake/bound-at'] ?? cluster.now())
  const containers = (pod.spec!.containers ?? []) as { name: string; image: string; env?: Data[] }[]
  const volume = missingVolume(cluster, pod)
  if (volume !== undefined) {
    tellEvent(
      cluster,
      pod,
      'FailedMount',
      `MountVolume.SetUp failed for volume "${volume.name}" : configmap "${volume.configMap}" not found`,
    )
    return {
      phase: 'Pending',
      containerStatuses: containers.map((each) => waiting(each, 'ContainerCreating')),
    }
  }
  const statuses = containers.map((container) => {
    const secret = missingSecret(cluster, pod, container.env ?? [])
    if (secret !== undefined)
      return waiting(container, 'CreateContainerConfigError', `secret "${secret}" not found`)
    return ofImage(cluster, container, age)
  })
  const isReady = statuses.every(({ ready }) => ready === true)
  if (containers.some(({ image }) => cluster.script.images[image] === 'neverReady'))
    tellEvent(cluster, pod, 'Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 503')
  return {
    phase: statuses.every(({ state }) => (state as Data).running !== undefined) ? 'Running' : 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: isReady ? 'True' : 'False' },
    ],
    containerStatuses: statuses,
  }
}

function ofImage({ script }: Cluster, container: { name: string; image: string }, age: number): Data {
  switch (script.images[container.image]) {
    case 'missing':
      return waiting(
        container,
        age < backOffMillis ? 'ErrImagePull' : 'ImagePullBackOff',
        `Back-off pulling image: ${container.image}: not found`,
      )
    case 'denied':
      return waiting(
        container,
        'ErrImagePull',
        'pull access denied, repository does not exist or may require authorization: unauthorized',
      )
    case 'crash':
      return crashed(container, age, { exitCode: 1, reason: 'Error', message: 'cannot load model' })
    case 'outOfMemory':
      return crashed(container, age, { exitCode: 137, reason: 'OOMKilled' })
    case 'neverReady':
      return { ...running(container), ready: false }
  }
  return age < script.readyMillis
    ? waiting(container, 'ContainerCreating')
    : { ...running(container), ready: true }
}

const waiting = (
  { name, image }: { name: string; image: string },
  reason: string,
  message?: string,
): Data => ({
  name,
  image,
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
})

const running = ({ name, image }: { name: string; image: string }): Data => ({
  name,
  image,
  restartCount: 0,
  state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
})

function crashed(container: { name: string; image: string }, age: number, terminated: Data): Data {
  const restarts = Math.floor(age / backOffMillis)
  if (restarts === 0) return { ...running(container), ready: false }
  return {
    ...waiting(container, 'CrashLoopBackOff', 'back-off restarting'),
    restartCount: restarts,
    lastState: { terminated },
  }
}

function missingSecret({ store }: Cluster, pod: StoredObject, env: readonly Data[]): string | undefined {
  for (const { valueFrom } of env) {
    const ref = (valueFrom as { secretKeyRef?: { name: string; optional?: boolean } } | undefined)
      ?.secretKeyRef
    if (
      ref !== undefined &&
      !ref.optional &&
      store.get('Secret', pod.metadata.namespace, ref.name) === undefined
    )
      return ref.name
  }
  return undefined
}

function missingVolume(
  { store }: Cluster,
  pod: StoredObject,
): { name: string; configMap: string } | undefined {
  for (const volume of (pod.spec!.volumes ?? []) as {
    name: string
    configMap?: { name: string; optional?: boolean }
  }[]) {
    const { name, configMap } = volume
    if (configMap === undefined || configMap.optional) continue
    if (store.get('ConfigMap', pod.metadata.namespace, configMap.name) === undefined)
      return { name, configMap: configMap.name }
  }
  return undefined
}
