/** Applies a plan object by object and records what a rollback needs. */

import { isHadalError, messageOf } from '@hadal/base'
import {
  type KubeObject,
  type Manifest,
  type ObjectPlan,
  objectName,
  type RolloutPlan,
  rolloutAnnotation,
} from '@hadal/fleet'
import { holdReplicas, replicasGivenUp } from './keep-replicas.ts'
import type { KubeClient } from './kube-client.ts'
import { applyAsOurs } from './make-plan.ts'

/** One object that was changed or made. */
export interface Applied {
  readonly object: ObjectPlan
  readonly result: KubeObject
}

export interface Executed {
  readonly applied: readonly Applied[]
  /** Why it stopped in the middle. */
  readonly issue: unknown
}

export interface CarryOutOptions {
  readonly force: boolean
  /** When it began, for `undo` to know what belongs together. */
  readonly startedAt: string
  onApplied(object: ObjectPlan): void
}

/** Never rejects: callers need what was applied before the error. */
export async function execute(
  client: KubeClient,
  plan: RolloutPlan,
  options: CarryOutOptions,
): Promise<Executed> {
  const applied: Applied[] = []
  try {
    for (const object of plan.objects) {
      if (object.action !== 'create' && object.action !== 'change') continue
      const manifest = object.restartsPods ? marked(object.manifest, options.startedAt) : object.manifest
      const replicas = replicasGivenUp(manifest, object.live)
      if (replicas !== undefined) await holdReplicas(client, manifest, replicas)
      const result = await applyAsOurs((force) => client.apply(manifest, { force }), options.force)
      applied.push({ object, result })
      options.onApplied(object)
    }
    return { applied, issue: undefined }
  } catch (issue) {
    return { applied, issue }
  }
}

/** Runs after everything is ready, since deletions cannot be undone. Returns what could not be deleted, and why. */
export async function pruneObjects(
  client: KubeClient,
  plan: RolloutPlan,
  onPruned: (object: ObjectPlan) => void,
): Promise<string[]> {
  const issues: string[] = []
  for (const object of plan.objects) {
    if (object.action !== 'delete') continue
    try {
      await client.remove(object.manifest)
      onPruned(object)
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
      issues.push(`${objectName(object.manifest)}: ${messageOf(thrown)}`)
    }
  }
  return issues
}

export function marked(manifest: Manifest, startedAt: string): Manifest {
  const annotations = { ...manifest.metadata.annotations, [rolloutAnnotation]: startedAt }
  return { ...manifest, metadata: { ...manifest.metadata, annotations } }
}
