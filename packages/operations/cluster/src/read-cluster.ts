/** Reads the inputs of a rollout plan from a cluster. Forbidden resources are skipped if the plan does not require them. */

import { isHadalError } from '@hadal/base'
import { type ClusterState, type KubeObject, type Manifest, podTemplatesOf } from '@hadal/fleet'
import { namespaceMissing } from './errors.ts'
import type { KubeClient } from './kube-client.ts'
import type { WantedManifests } from './wanted-manifests.ts'

export interface ClusterReading {
  /** With the namespace that each is applied in. */
  readonly wanted: readonly Manifest[]
  readonly namespace: string
  readonly current: readonly KubeObject[]
  readonly ours: readonly KubeObject[]
  readonly cluster: ClusterState
  /** Whether the namespace is there: nothing can be tried in one that is not. */
  readonly hasNamespace: boolean
}

/** Kinds searched for objects to prune. */
const ownKinds = [
  ['v1', 'ConfigMap'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['apps/v1', 'Deployment'],
  ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet'],
  ['batch/v1', 'Job'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['keda.sh/v1alpha1', 'ScaledObject'],
  ['monitoring.coreos.com/v1', 'ServiceMonitor'],
  ['monitoring.coreos.com/v1', 'PodMonitor'],
  ['monitoring.coreos.com/v1', 'PrometheusRule'],
] as const

/** Throws what the client throws, and `cluster_namespace_missing`. */
export async function readCluster(
  client: KubeClient,
  given: WantedManifests,
  prune: boolean,
): Promise<ClusterReading> {
  const namespace = given.namespace ?? client.namespace
  const served = new Set<string>()
  const wanted: Manifest[] = []
  for (const manifest of given.manifests) {
    const kind = await client.kindOf(manifest.apiVersion, manifest.kind)
    if (kind !== undefined) served.add(`${manifest.apiVersion}/${manifest.kind}`)
    wanted.push(kind?.isNamespaced === false ? withoutNamespace(manifest) : inNamespace(manifest, namespace))
  }
  const hasNamespace = await namespaceExists(client, namespace)
  const makesIt = wanted.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)
  if (!hasNamespace && !makesIt) throw namespaceMissing(namespace)
  const current = (await Promise.all(wanted.map((manifest) => client.get(manifest)))).filter(
    (each) => each !== undefined,
  )
  const here = (apiVersion: string, kind: string): Promise<readonly KubeObject[]> =>
    client.list(apiVersion, kind, { namespace })
  const optional = (apiVersion: string, kind: string): Promise<readonly KubeObject[]> =>
    whereAllowed(here(apiVersion, kind)).then((found) => found ?? [])
  const [nodes, everyPod, quotas, hpas, scaledObjects, disruptionBudgets, replicaSets, claims] =
    await Promise.all([
      whereAllowed(client.list('v1', 'Node', {})),
      whereAllowed(client.list('v1', 'Pod', {})),
      optional('v1', 'ResourceQuota'),
      optional('autoscaling/v2', 'HorizontalPodAutoscaler'),
      optional('keda.sh/v1alpha1', 'ScaledObject'),
      optional('policy/v1', 'PodDisruptionBudget'),
      optional('apps/v1', 'ReplicaSet'),
      optional('v1', 'PersistentVolumeClaim'),
    ])
  const cluster: ClusterState = {
    nodes: everyPod === undefined ? undefined : nodes,
    pods: everyPod ?? (await optional('v1', 'Pod')),
    quotas,
    scalers: [...hpas, ...scaledObjects],
    disruptionBudgets,
    replicaSets,
    claims,
    missingSecrets: hasNamespace
      ? await missingSecrets(client, wanted)
      : neededSecrets(wanted).map(({ metadata }) => metadata.name),
    served,
  }
  const ours =
    prune && given.instance !== undefined ? await ownObjects(client, namespace, given.instance) : []
  return { wanted, namespace, current, ours, cluster, hasNamespace }
}

/** Undefined where the user may not. */
export async function whereAllowed<T>(requested: Promise<T>): Promise<T | undefined> {
  try {
    return await requested
  } catch (thrown) {
    if (isHadalError(thrown) && thrown.code === 'cluster_forbidden') return undefined
    throw thrown
  }
}

/** Without permission to read it, the first applied object reports the error. */
async function namespaceExists(client: KubeClient, name: string): Promise<boolean> {
  const requested = client.get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const found = await whereAllowed(requested.then((namespace) => ({ namespace })))
  return found === undefined || found.namespace !== undefined
}

async function ownObjects(client: KubeClient, namespace: string, instance: string): Promise<KubeObject[]> {
  const labelSelector = `app.kubernetes.io/managed-by=hadal,app.kubernetes.io/instance=${instance}`
  const lists = ownKinds.map(([apiVersion, kind]) =>
    whereAllowed(client.list(apiVersion, kind, { namespace, labelSelector })),
  )
  return (await Promise.all(lists)).flatMap((each) => each ?? [])
}

/** Without permission to read secrets, the pods report missing ones. */
async function missingSecrets(client: KubeClient, wanted: readonly Manifest[]): Promise<string[]> {
  const requested = neededSecrets(wanted).map(async (secret) => {
    const found = await whereAllowed(client.get(secret).then((object) => ({ object })))
    return found !== undefined && found.object === undefined ? [secret.metadata.name] : []
  })
  return (await Promise.all(requested)).flat()
}

/** Those that variables of containers name, and that must be there. */
function neededSecrets(wanted: readonly Manifest[]): Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>[] {
  const needed = new Map<string, Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>>()
  for (const manifest of wanted) {
    const { namespace } = manifest.metadata
    for (const { spec } of podTemplatesOf(manifest))
      for (const { env = [] } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])])
        for (const { valueFrom } of env) {
          const name = valueFrom?.secretKeyRef?.optional ? undefined : valueFrom?.secretKeyRef?.name
          if (name !== undefined && namespace !== undefined)
            needed.set(`${namespace}/${name}`, {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: { name, namespace },
            })
        }
  }
  for (const { kind, metadata } of wanted)
    if (kind === 'Secret') needed.delete(`${metadata.namespace}/${metadata.name}`)
  return [...needed.values()]
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  if (manifest.metadata.namespace !== undefined) return manifest
  return { ...manifest, metadata: { ...manifest.metadata, namespace } }
}

function withoutNamespace(manifest: Manifest): Manifest {
  const { namespace: _, ...metadata } = manifest.metadata
  return { ...manifest, metadata }
}
