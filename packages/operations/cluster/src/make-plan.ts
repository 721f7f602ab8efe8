/** Plans a rollout, including the server's dry-run result. Changes nothing. */

import { type HadalError, isHadalError } from '@hadal/base'
import { type KubeObject, objectKey, planRollout, type RolloutInput, type RolloutPlan } from '@hadal/fleet'
import { handoverManager, replicasGivenUp, withHeldReplicas } from './keep-replicas.ts'
import { fieldManager, type KubeClient, undoManager } from './kube-client.ts'
import { type ClusterReading, readCluster } from './read-cluster.ts'
import { scaleManager } from './scale-target.ts'
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
  /** What the user may not apply: a plan is read all the same. */
  readonly forbidden: HadalError | undefined
}

/** What the server refuses is among the blockers. Throws what the client throws otherwise. */
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
  // Our message about immutable fields is clearer than the server's, which would not report the other issues.
  if (estimate.blockers.some(({ code }) => code === 'rollout_immutable_field'))
    return { plan: estimate, reading, forbidden: undefined }
  const tried = await tryOut(client, estimate, reading, choices.force ?? false)
  const plan = planRollout({ ...input, results: tried.results })
  return {
    plan: {
      ...plan,
      warnings: [...plan.warnings, ...tried.warnings],
      blockers: [...plan.blockers, ...tried.blockers],
    },
    reading,
    forbidden: tried.forbidden,
  }
}

interface TriedOut {
  readonly results: ReadonlyMap<string, KubeObject>
  readonly warnings: readonly string[]
  /** What the server refuses: all of it, and not only the first. */
  readonly blockers: readonly HadalError[]
  readonly forbidden: HadalError | undefined
}

const refusals = new Set(['cluster_refused', 'cluster_conflict'])

async function tryOut(
  client: KubeClient,
  plan: RolloutPlan,
  reading: ClusterReading,
  force: boolean,
): Promise<TriedOut> {
  const results = new Map<string, KubeObject>()
  const blockers: HadalError[] = []
  for (const { action, manifest, live } of plan.objects) {
    if (action === 'delete' || action === 'leaveOut') continue
    // Nothing can be tried in a namespace that is yet to be made.
    if (!reading.hasNamespace && manifest.metadata.namespace !== undefined) continue
    try {
      const result = await applyAsOurs(
        (isForced) => client.apply(manifest, { dryRun: true, force: isForced }),
        force,
      )
      results.set(objectKey(manifest), withHeldReplicas(result, replicasGivenUp(manifest, live)))
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
      if (thrown.code === 'cluster_forbidden')
        return {
          results: new Map(),
          warnings: [`the server checked nothing, changes are estimated: ${thrown.message}`],
          blockers: [],
          forbidden: thrown,
        }
      if (!refusals.has(thrown.code)) throw thrown
      blockers.push(thrown)
      // What taking it over would change is worth to know, too.
      if (thrown.code === 'cluster_conflict')
        results.set(objectKey(manifest), await client.apply(manifest, { dryRun: true, force: true }))
    }
  }
  return { results, warnings: [], blockers, forbidden: undefined }
}

/** Managers that are all of ours: a rollback, a number that was held, one that our scaler set. */
const ours: ReadonlySet<string> = new Set([fieldManager, undoManager, handoverManager, scaleManager])

/** Fields Hadal wrote before under another manager do not conflict. */
export async function applyAsOurs(
  apply: (isForced: boolean) => Promise<KubeObject>,
  isForced: boolean,
): Promise<KubeObject> {
  try {
    return await apply(isForced)
  } catch (thrown) {
    const isConflict = isHadalError(thrown) && thrown.code === 'cluster_conflict'
    const managers = isConflict ? [...thrown.message.matchAll(/\("([^"]+)"/g)].map(([, name]) => name!) : []
    if (managers.length === 0 || !managers.every((name) => ours.has(name))) throw thrown
    return await apply(true)
  }
}
