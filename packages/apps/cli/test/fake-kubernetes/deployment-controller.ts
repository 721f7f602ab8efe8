/** A Deployment's controller, after pkg/controller/deployment: the same order of steps, the same conditions. */

import { type Cluster, ownedBy, ownerReference } from './cluster.ts'
import { type Data, isSameData, type StoredObject } from './object-store.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'

export function syncDeployment(cluster: Cluster, deployment: StoredObject): void {
  if (deployment.metadata.deletionTimestamp !== undefined) return
  const all = ownedBy(cluster.store, 'ReplicaSet', deployment)
  const existing = all.find((each) => isSameTemplate(each, deployment))
  const fresh = withNewestRevision(cluster, existing ?? makeReplicaSet(cluster, deployment, all), all)
  const old = all.filter(({ metadata }) => metadata.uid !== fresh.metadata.uid)
  const annotated = {
    ...deployment,
    metadata: {
      ...deployment.metadata,
      annotations: {
        ...deployment.metadata.annotations,
        [revisionAnnotation]: fresh.metadata.annotations![revisionAnnotation]!,
      },
    },
  }
  const spec = deployment.spec as {
    strategy: { type: string; rollingUpdate?: Data }
    replicas: number
    paused?: boolean
  }
  if (!spec.paused) {
    if (spec.strategy.type === 'Recreate') recreate(cluster, spec.replicas, fresh, old)
    else roll(cluster, spec, fresh, old)
  }
  const created = existing === undefined ? 'NewReplicaSetCreated' : undefined
  cluster.store.put(withStatus(cluster, annotated, created))
}

function roll(
  cluster: Cluster,
  { replicas, strategy }: { replicas: number; strategy: { rollingUpdate?: Data } },
  fresh: StoredObject,
  old: readonly StoredObject[],
): void {
  const surge = inPods(strategy.rollingUpdate?.maxSurge, replicas, Math.ceil)
  let unavailable = inPods(strategy.rollingUpdate?.maxUnavailable, replicas, Math.floor)
  if (surge === 0 && unavailable === 0) unavailable = 1
  const total = [fresh, ...old].reduce((sum, each) => sum + replicasOf(each), 0)
  const mine = replicasOf(fresh)
  if (mine > replicas) {
    scale(cluster, fresh, replicas)
    return
  }
  const more = Math.min(replicas + surge - total, replicas - mine)
  if (more > 0) {
    scale(cluster, fresh, mine + more)
    return
  }
  const least = replicas - unavailable
  let budget = total - least - (mine - availableOf(fresh))
  if (budget <= 0) return
  for (const each of old) {
    const sick = Math.min(budget, replicasOf(each) - availableOf(each))
    if (sick <= 0) continue
    scale(cluster, each, replicasOf(each) - sick)
    budget -= sick
  }
  let spare = [fresh, ...old].reduce((sum, each) => sum + availableOf(each), 0) - least
  for (const each of old) {
    const now = cluster.store.get('ReplicaSet', each.metadata.namespace, each.metadata.name)!
    const fewer = Math.min(Math.max(0, spare), replicasOf(now))
    if (fewer === 0) continue
    scale(cluster, now, replicasOf(now) - fewer)
    spare -= fewer
  }
}

/** New pods wait until all old ones are gone, not just terminating. */
function recreate(
  cluster: Cluster,
  replicas: number,
  fresh: StoredObject,
  old: readonly StoredObject[],
): void {
  for (const each of old) scale(cluster, each, 0)
  if (old.every((each) => ownedBy(cluster.store, 'Pod', each).length === 0)) scale(cluster, fresh, replicas)
}

function scale(cluster: Cluster, replicaSet: StoredObject, replicas: number): void {
  const generation = (replicaSet.metadata.generation ?? 1) + (replicasOf(replicaSet) === replicas ? 0 : 1)
  cluster.store.put({
    ...replicaSet,
    metadata: { ...replicaSet.metadata, generation },
    spec: { ...replicaSet.spec, replicas },
  })
}

function makeReplicaSet(
  cluster: Cluster,
  deployment: StoredObject,
  all: readonly StoredObject[],
): StoredObject {
  const template = deployment.spec!.template as { metadata?: Data; spec: Data }
  const hash = hashOf(template)
  const labels = { ...(template.metadata?.labels as Record<string, string>), 'pod-template-hash': hash }
  const { matchLabels } = deployment.spec!.selector as { matchLabels: Data }
  return cluster.store.put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace!,
      labels,
      annotations: { [revisionAnnotation]: String(newestRevision(all) + 1) },
      ownerReferences: ownerReference(deployment),
      creationTimestamp: cluster.timestamp(),
      generation: 1,
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...matchLabels, 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  })
}

/** A rolled-back template becomes the newest revision. */
function withNewestRevision(
  cluster: Cluster,
  replicaSet: StoredObject,
  all: readonly StoredObject[],
): StoredObject {
  const newest = newestRevision(all.filter(({ metadata }) => metadata.uid !== replicaSet.metadata.uid))
  if (Number(replicaSet.metadata.annotations?.[revisionAnnotation]) > newest) return replicaSet
  const annotations = { ...replicaSet.metadata.annotations, [revisionAnnotation]: String(newest + 1) }
  return cluster.store.put({ ...replicaSet, metadata: { ...replicaSet.metadata, annotations } })
}

function withStatus(cluster: Cluster, deployment: StoredObject, created: string | undefined): StoredObject {
  const all = ownedBy(cluster.store, 'ReplicaSet', deployment)
  const fresh = all.find((each) => isSameTemplate(each, deployment))!
  const sum = (field: string): number =>
    all.reduce((total, each) => total + ((each.status?.[field] as number) ?? 0), 0)
  const before = deployment.status ?? {}
  const replicas = deployment.spec!.replicas as number
  const status: Data = {
    observedGeneration: deployment.metadata.generation,
    replicas: sum('replicas'),
    updatedReplicas: (fresh.status?.replicas as number) ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
  }
  const name = fresh.metadata.name
  const complete =
    status.updatedReplicas === replicas &&
    status.replicas === replicas &&
    status.availableReplicas === replicas
  const moved = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].some(
    (key) => status[key] !== before[key],
  )
  const failure = (fresh.status?.conditions as Data[] | undefined)?.find(
    ({ type }) => type === 'ReplicaFailure',
  )
  const progressing = progressCondition(cluster, deployment, { name, complete, moved, created })
  status.conditions = [
    ...(progressing === undefined ? [] : [progressing]),
    ...(failure === undefined ? [] : [failure]),
  ]
  return { ...deployment, status }
}

function progressCondition(
  cluster: Cluster,
  deployment: StoredObject,
  is: { name: string; complete: boolean; moved: boolean; created: string | undefined },
): Data | undefined {
  const old = (deployment.status?.conditions as Data[] | undefined)?.find(
    ({ type }) => type === 'Progressing',
  )
  const made = (status: string, reason: string, message: string): Data =>
    old?.reason === reason && old.message === message && !is.moved
      ? old
      : { type: 'Progressing', status, reason, message, lastUpdateTime: cluster.timestamp() }
  if (is.created !== undefined) return made('True', is.created, `Created new replica set "${is.name}"`)
  if (is.complete)
    return old?.reason === 'NewReplicaSetAvailable' && String(old.message).includes(is.name)
      ? old
      : made('True', 'NewReplicaSetAvailable', `ReplicaSet "${is.name}" has successfully progressed.`)
  if (is.moved) return made('True', 'ReplicaSetUpdated', `ReplicaSet "${is.name}" is progressing.`)
  const deadline = (deployment.spec!.progressDeadlineSeconds as number) * 1000
  if (
    old !== undefined &&
    old.reason !== 'NewReplicaSetAvailable' &&
    cluster.now() - Date.parse(old.lastUpdateTime as string) > deadline
  )
    return made('False', 'ProgressDeadlineExceeded', `ReplicaSet "${is.name}" has timed out progressing.`)
  return old
}

const replicasOf = ({ spec }: StoredObject): number => (spec?.replicas as number) ?? 0
const availableOf = ({ status }: StoredObject): number => (status?.availableReplicas as number) ?? 0
const newestRevision = (all: readonly StoredObject[]): number =>
  all.reduce(
    (newest, { metadata }) => Math.max(newest, Number(metadata.annotations?.[revisionAnnotation] ?? 0)),
    0,
  )

function isSameTemplate(replicaSet: StoredObject, deployment: StoredObject): boolean {
  const template = replicaSet.spec!.template as { metadata: { labels: Data } }
  const { 'pod-template-hash': _, ...labels } = template.metadata.labels
  return isSameData({ ...template, metadata: { ...template.metadata, labels } }, deployment.spec!.template)
}

function inPods(given: unknown, of: number, round: (value: number) => number): number {
  if (typeof given === 'number') return given
  return round((Number.parseInt(String(given ?? '25%'), 10) * of) / 100)
}

function hashOf(template: unknown): string {
  let hash = 7
  for (const character of JSON.stringify(template)) hash = (hash * 31 + character.charCodeAt(0)) >>> 0
  return hash.toString(36)
}
