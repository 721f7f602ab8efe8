/**
 * When something else begins to change the number of a workload's replicas, manifests say none any more. To server-side apply that is
 * a field that its only owner gave up: it goes back to its default, which is 1, until a manager sets it again. So another manager
 * of ours holds the number first.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
 */

import { isHadalError } from '@hadal/base'
import { type KubeObject, type Manifest, ownedFields } from '@hadal/fleet'
import { fieldManager, type KubeClient } from './kube-client.ts'

/** Field manager of `replicas` until another changes it. */
export const handoverManager = 'hadal-handover'

interface Replicated {
  readonly spec?: { readonly replicas?: number }
}

/** The number that applying the manifest would give up, if it would. */
export function replicasGivenUp(manifest: Manifest, live: KubeObject | undefined): number | undefined {
  if (live === undefined || !/^(Deployment|StatefulSet|LeaderWorkerSet)$/.test(manifest.kind))
    return undefined
  if ((manifest as Replicated).spec?.replicas !== undefined) return undefined
  return (ownedFields(live, fieldManager) as Replicated).spec?.replicas
}

/** Throws what the client throws, except for a conflict: then another manager already owns the number. */
export async function holdReplicas(client: KubeClient, manifest: Manifest, replicas: number): Promise<void> {
  const { apiVersion, kind, metadata } = manifest
  const { name, namespace } = metadata
  const held: Manifest = {
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: { replicas },
  }
  try {
    await client.apply(held, { manager: handoverManager })
  } catch (thrown) {
    if (!isHadalError(thrown) || thrown.code !== 'cluster_conflict') throw thrown
  }
}

/** The server's dry-run result with the held `replicas`. */
export function withHeldReplicas(result: KubeObject, replicas: number | undefined): KubeObject {
  if (replicas === undefined) return result
  return { ...result, spec: { ...(result.spec as object), replicas } }
}
