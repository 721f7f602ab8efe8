/** Plans a rollout: the effect of applying manifests, and whether it would complete. Decided from readings, before any change. */

import type { HadalError } from '@hadal/base'
import type { Manifest } from '../../manifest.ts'
import { ClusterRoom } from '../capacity/cluster-room.ts'
import { immutableField, kindNotServed } from '../errors.ts'
import { type KubeObject, type KubeWorkload, objectKey, objectName } from '../kube-objects.ts'
import { applyOrder } from './apply-order.ts'
import { chooseStrategies } from './choose-strategies.ts'
import { changesOf, estimatedChanges, restartsPods } from './field-changes.ts'
import { immutableIssues } from './immutable-fields.ts'
import { prunable } from './prunable.ts'
import type { ClusterState, ObjectPlan, RolloutInput, RolloutPlan } from './rollout-plan.ts'
import { withStrategy } from './rollout-strategy.ts'
import { rolloutWarnings, scalerOf } from './rollout-warnings.ts'
import type { RestartingWorkload } from './strategy-trial.ts'
import { whoBrings } from './who-brings.ts'

/**
 * Throws nothing: what stands against it is in `blockers`.
 *
 * @internal
 */
export function planRollout(input: RolloutInput): RolloutPlan {
  const { cluster } = input
  const missing = input.wanted.filter(({ apiVersion, kind }) => !cluster.served.has(`${apiVersion}/${kind}`))
  const wanted = input.wanted.filter((manifest) => !missing.includes(manifest)).toSorted(applyOrder)
  const lives = new Map(input.current.map((object) => [objectKey(object), object]))
  const planned = wanted.map((manifest) => planObject(manifest, lives.get(objectKey(manifest)), input))
  const chosen = chooseStrategies(restartingOf(planned, input), withWantedClaims(cluster, wanted))
  const strategies = new Map(chosen.workloads.map(({ key, strategy }) => [key, strategy]))
  const objects = [
    ...planned.map((object) => {
      const strategy = strategies.get(object.key)
      const { manifest, live } = object
      const adapted = strategy === undefined ? keepStrategy(object, input) : withStrategy(manifest, strategy)
      return adapted === manifest ? object : planObject(adapted, live, input)
    }),
    ...(input.prune
      ? prunable(input)
          .toSorted((a, b) => applyOrder(b, a))
          .map(deletion)
      : []),
    ...(input.skipMissing ? missing.map(leftOut) : []),
  ]
  return {
    objects,
    workloads: chosen.workloads,
    gpus: cluster.nodes === undefined ? undefined : new ClusterRoom(cluster.nodes, cluster.pods).gpus(),
    blockers: [
      ...(input.skipMissing ? [] : missingKinds(missing)),
      ...objects.flatMap(immutable),
      ...chosen.blockers,
    ],
    warnings: rolloutWarnings(input, objects, chosen.workloads),
  }
}

function planObject(manifest: Manifest, live: KubeObject | undefined, input: RolloutInput): ObjectPlan {
  const key = objectKey(manifest)
  if (live === undefined)
    return { key, manifest, live, action: 'create', changes: [], restartsPods: isWorkload(manifest) }
  const result = input.results.get(key)
  const changes =
    result === undefined ? estimatedChanges(live, manifest, input.manager) : changesOf(live, result)
  const action = changes.length > 0 ? 'change' : 'unchanged'
  return { key, manifest, live, action, changes, restartsPods: restartsPods(manifest, changes) }
}

const isWorkload = ({ kind }: Manifest): boolean =>
  /^(Deployment|StatefulSet|DaemonSet|LeaderWorkerSet|Job)$/.test(kind)

/** Where no pod is replaced, the strategy that was chosen last time stays, and is no change. */
function keepStrategy({ manifest, live }: ObjectPlan, { strategy }: RolloutInput): Manifest {
  const field = manifest.kind === 'Deployment' ? 'strategy' : 'rolloutStrategy'
  const current = (live?.spec as Record<string, unknown> | undefined)?.[field]
  if (strategy === 'written' || current === undefined || !isWorkload(manifest)) return manifest
  return { ...manifest, spec: { ...(manifest.spec as object), [field]: current } }
}

/** Replicas that an autoscaler owns, or that are more or fewer, count as they will be. */
function restartingOf(objects: readonly ObjectPlan[], input: RolloutInput): RestartingWorkload[] {
  return objects.flatMap((object): RestartingWorkload[] => {
    const { manifest, live, changes } = object
    if (!/^(Deployment|StatefulSet|LeaderWorkerSet)$/.test(manifest.kind)) return []
    const grows = changes.some(({ path }) => path === 'spec.replicas')
    if (!object.restartsPods && !grows) return []
    const workload = manifest as KubeWorkload
    const scaler = scalerOf(workload, [...input.wanted, ...input.cluster.scalers])
    const bounds = (scaler?.spec ?? {}) as Readonly<Record<string, number | undefined>>
    const replicas =
      workload.spec?.replicas ??
      (live as KubeWorkload | undefined)?.spec?.replicas ??
      Math.max(1, bounds.minReplicas ?? bounds.minReplicaCount ?? 1)
    return [
      {
        workload,
        live: live as KubeWorkload | undefined,
        replicas,
        maxReplicas: bounds.maxReplicas ?? bounds.maxReplicaCount ?? replicas,
        restartsPods: object.restartsPods,
        isFree: input.strategy === 'auto',
      },
    ]
  })
}

/** Claims that are made with the rest count as if they were there. */
const withWantedClaims = (cluster: ClusterState, wanted: readonly Manifest[]): ClusterState => ({
  ...cluster,
  claims: [...cluster.claims, ...wanted.filter(({ kind }) => kind === 'PersistentVolumeClaim')],
})

const deletion = (live: KubeObject): ObjectPlan => ({
  key: objectKey(live),
  manifest: live,
  live,
  action: 'delete',
  changes: [],
  restartsPods: false,
})

const leftOut = (manifest: Manifest): ObjectPlan => ({
  key: objectKey(manifest),
  manifest,
  live: undefined,
  action: 'leaveOut',
  changes: [],
  restartsPods: false,
})

function missingKinds(missing: readonly Manifest[]): HadalError[] {
  const names = new Map<string, string[]>()
  for (const { apiVersion, kind, metadata } of missing) {
    const key = `${apiVersion} ${kind}`
    names.set(key, [...(names.get(key) ?? []), metadata.name])
  }
  return [...names].map(([key, each]) => {
    const [apiVersion, kind] = key.split(' ') as [string, string]
    return kindNotServed(apiVersion, kind, each.join(', '), whoBrings(apiVersion))
  })
}

function immutable({ manifest, live, changes, action }: ObjectPlan): HadalError[] {
  if (action !== 'change') return []
  const { kind, metadata } = manifest
  const issues = immutableIssues(
    { kind, name: metadata.name, isImmutable: live?.immutable === true },
    changes,
  )
  const [first] = issues
  return first === undefined ? [] : [immutableField(objectName(manifest), first.path, first.wayOut)]
}
