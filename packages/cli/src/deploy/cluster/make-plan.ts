/** A rollout decided, with what the server itself says it would keep. Changes nothing. */

import { isHadalError } from '@hadal/base'
import { type KubeObject, objectKey, planRollout, type RolloutInput, type RolloutPlan } from '@hadal/fleet'
import { fieldManager, type KubeClient } from './kube-client.ts'
import { type ClusterReading, readCluster } from './read-cluster.ts'
import type { WantedManifests } from './wanted-manifests.ts'

export interface PlanChoices {
  readonly strategy?: 'auto' | 'written'
  readonly prune?: boolean
  readonly skipMissing?: boolean
  readonly force?: boolean
}

export interface MadePlan {
  readonly plan: RolloutPlan
  readonly reading: ClusterReading
}

/** Throws what the client throws: also what the server refuses. */
export async function makePlan(
  client: KubeClient,
  wanted: WantedManifests,
  choices: PlanChoices,
): Promise<MadePlan> {
  const prune = choices.prune ?? false
  const reading = await readCluster(client, wanted, prune)
  const input: RolloutInput = {
    wanted: reading.wanted,
    current: reading.current,
    ours: reading.ours,
    cluster: reading.cluster,
    results: new Map(),
    strategy: choices.strategy ?? (wanted.isWritten ? 'written' : 'auto'),
    prune,
    skipMissing: choices.skipMissing ?? false,
    manager: fieldManager,
  }
  const estimate = planRollout(input)
  // What cannot be changed is told better by us than by a dry run.
  if (estimate.blockers.length > 0) return { plan: estimate, reading }
  const tried = await tryOut(client, estimate, reading, choices.force ?? false)
  const plan = planRollout({ ...input, results: tried.results })
  return { plan: { ...plan, warnings: [...plan.warnings, ...tried.warnings] }, reading }
}

interface TriedOut {
  readonly results: ReadonlyMap<string, KubeObject>
  readonly warnings: readonly string[]
}

async function tryOut(
  client: KubeClient,
  plan: RolloutPlan,
  reading: ClusterReading,
  force: boolean,
): Promise<TriedOut> {
  const results = new Map<string, KubeObject>()
  const tried = plan.objects.filter(
    ({ action, manifest }) =>
      action !== 'delete' &&
      action !== 'leaveOut' &&
      (reading.hasNamespace || manifest.metadata.namespace === undefined),
  )
  try {
    for (const { manifest } of tried)
      results.set(
        objectKey(manifest),
        await applyAsOurs((isForced) => client.apply(manifest, { dryRun: true, force: isForced }), force),
      )
    return { results, warnings: [] }
  } catch (thrown) {
    if (!isHadalError(thrown) || thrown.code !== 'cluster_forbidden') throw thrown
    return {
      results: new Map(),
      warnings: [`the server checked nothing, changes are estimated: ${thrown.message}`],
    }
  }
}

/** What an earlier rollback of ours wrote conflicts with nobody. */
export async function applyAsOurs(
  apply: (isForced: boolean) => Promise<KubeObject>,
  isForced: boolean,
): Promise<KubeObject> {
  try {
    return await apply(isForced)
  } catch (thrown) {
    const isConflict = isHadalError(thrown) && thrown.code === 'cluster_conflict'
    const managers = isConflict ? [...thrown.message.matchAll(/\("([^"]+)"/g)].map(([, name]) => name!) : []
    if (managers.length === 0 || !managers.every((name) => name.startsWith(fieldManager))) throw thrown
    return await apply(true)
  }
}
