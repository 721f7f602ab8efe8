/** Rolls back: previous objects are applied again, new ones deleted. */

import { isHadalError, messageOf } from '@hadal/base'
import { isAppliedBy, type KubeObject, type Manifest, objectName, ownedFields } from '@hadal/fleet'
import type { Applied } from './execute.ts'
import { fieldManager, type KubeClient } from './kube-client.ts'
import type { AwaitedWorkload } from './wait-for-rollout.ts'

export interface RolledBack {
  /** Workloads with pods to replace again. */
  readonly workloads: readonly AwaitedWorkload[]
  /** What could not be taken back, and why. */
  readonly issues: readonly string[]
}

/** Claims, secrets and the namespace stay: others may have put something there meanwhile. */
const kept = new Set(['PersistentVolumeClaim', 'Secret', 'Namespace', 'CustomResourceDefinition'])

/** Rejects only for errors not from the cluster. Runs in reverse order, so that pods find the objects they refer to. */
export async function rollBack(client: KubeClient, applied: readonly Applied[]): Promise<RolledBack> {
  const workloads: AwaitedWorkload[] = []
  const issues: string[] = []
  for (const { object, result } of applied.toReversed()) {
    const { live, manifest, restartsPods } = object
    try {
      if (live === undefined) {
        if (!kept.has(manifest.kind)) await client.remove(result)
        continue
      }
      const restored = await restore(client, live, manifest)
      if (restartsPods && manifest.kind !== 'Job') workloads.push({ result: restored, live: result })
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
      issues.push(`${objectName(manifest)}: ${messageOf(thrown)}`)
    }
  }
  return { workloads: workloads.toReversed(), issues }
}

/** As it was, but for how pods are replaced: there may be no more room for going back than there was for going on. */
async function restore(client: KubeClient, live: KubeObject, applied: Manifest): Promise<KubeObject> {
  if (isAppliedBy(live, fieldManager))
    return client.apply(withStrategyOf(ownedFields(live, fieldManager), applied), { force: true })
  const now = (await client.get(live)) ?? live
  const { status: _, metadata, ...rest } = live
  const { managedFields: __, ...kept } = metadata
  const { resourceVersion } = now.metadata
  return client.replace(
    withStrategyOf(
      {
        ...rest,
        metadata: { ...kept, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      } as KubeObject,
      applied,
    ) as KubeObject,
  )
}

function withStrategyOf(manifest: Manifest, applied: Manifest): Manifest {
  const field =
    manifest.kind === 'Deployment'
      ? 'strategy'
      : manifest.kind === 'LeaderWorkerSet'
        ? 'rolloutStrategy'
        : undefined
  const strategy =
    field === undefined ? undefined : (applied.spec as Record<string, unknown> | undefined)?.[field]
  if (field === undefined || strategy === undefined) return manifest
  return { ...manifest, spec: { ...(manifest.spec as object), [field]: strategy } }
}
