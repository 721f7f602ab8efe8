/** The status of a deployment in a cluster, at one moment. */

import {
  amountOfGpus,
  isPodOf,
  type KubeObject,
  type KubePod,
  type KubeWorkload,
  objectName,
  podTemplatesOf,
  type RolloutProgress,
  revisionOf,
  scalerOf,
  watchRollout,
} from '@hadal/fleet'
import type { KubeClient } from './kube-client.ts'
import { whereAllowed } from './read-cluster.ts'
import { look } from './wait-for-rollout.ts'
import { listOwn, type WantedManifests } from './wanted-manifests.ts'

export interface WorkloadStatus {
  readonly name: string
  readonly kind: string
  readonly ready: number
  readonly wanted: number
  readonly revision: number | undefined
  /** GPUs of all replicas together. */
  readonly gpus: number
  readonly restarts: number
  readonly createdAt: string | undefined
  readonly images: readonly string[]
  readonly progress: RolloutProgress
  readonly scaler: AutoscalerStatus | undefined
}

export interface AutoscalerStatus {
  readonly kind: string
  readonly name: string
  readonly min: number
  readonly max: number | undefined
  /** Why it does not scale; undefined if it does. */
  readonly trouble: string | undefined
}

const kinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet'],
] as const

/**
 * Status of everything with the instance's label; without one, of the objects in the manifests. Throws what
 * the client throws.
 */
export async function statusOf(
  client: KubeClient,
  namespace: string,
  wanted: Pick<WantedManifests, 'instance' | 'manifests'>,
): Promise<WorkloadStatus[]> {
  const lists = await Promise.all(
    kinds.map(([apiVersion, kind]) => {
      const listed = listOwn(client, apiVersion, kind, namespace, wanted)
      return kind === 'Deployment' ? listed : whereAllowed(listed)
    }),
  )
  const workloads = lists.flatMap((each) => each ?? []) as readonly KubeWorkload[]
  const watches = workloads.map((result) => ({
    result,
    watch: watchRollout(objectName(result), { generation: 0, before: [], patienceMillis: 0 }),
  }))
  const [progress, pods, hpas, scaledObjects] = await Promise.all([
    look(client, watches, 0),
    client.list('v1', 'Pod', { namespace }) as Promise<readonly KubePod[]>,
    whereAllowed(client.list('autoscaling/v2', 'HorizontalPodAutoscaler', { namespace })),
    whereAllowed(client.list('keda.sh/v1alpha1', 'ScaledObject', { namespace })),
  ])
  return workloads.map((workload, index) => {
    const own = pods.filter((pod) => isPodOf(workload, pod))
    const scaler = scalerOf(workload, [...(scaledObjects ?? []), ...(hpas ?? [])]) as KubeObject | undefined
    const wanted = workload.spec?.replicas ?? 1
    return {
      name: workload.metadata.name,
      kind: workload.kind,
      ready: workload.status?.readyReplicas ?? 0,
      wanted,
      revision: revisionOf(workload),
      gpus: wanted * amountOfGpus(workload),
      restarts: own.reduce((sum, { status }) => sum + restartsIn(status), 0),
      createdAt: workload.metadata.creationTimestamp,
      images: [
        ...new Set(
          podTemplatesOf(workload).flatMap(({ spec }) =>
            (spec?.containers ?? []).flatMap(({ image }) => image ?? []),
          ),
        ),
      ],
      progress: progress[index]!,
      scaler: scaler === undefined ? undefined : autoscalerStatus(scaler),
    }
  })
}

export const isReady = ({ progress }: WorkloadStatus): boolean => progress.verdict === 'done'

const restartsIn = (status: KubePod['status']): number =>
  (status?.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)

function autoscalerStatus({ kind, metadata, spec, status }: KubeObject): AutoscalerStatus {
  const given = (spec ?? {}) as Readonly<Record<string, number | undefined>>
  const conditions =
    ((status ?? {}) as { conditions?: { type: string; status: string; message?: string }[] }).conditions ?? []
  const ailing = conditions.find(
    ({ type, status: is }) => /^(AbleToScale|ScalingActive|Ready)$/.test(type) && is === 'False',
  )
  return {
    kind,
    name: metadata.name,
    min: given.minReplicas ?? given.minReplicaCount ?? (kind === 'ScaledObject' ? 0 : 1),
    max: given.maxReplicas ?? given.maxReplicaCount,
    trouble: ailing === undefined ? undefined : (ailing.message ?? ailing.type),
  }
}
