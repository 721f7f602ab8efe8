/** A planned training run as objects of Kubernetes, in the order in which they are applied. Decides nothing. */

import type { Manifest } from '../manifest.ts'
import { metricsTarget, networkPolicy, rankService, runClaim, serviceAccount } from './around-ranks.ts'
import { rankJobs } from './rank-job.ts'
import { allLabels } from './rank-pod.ts'
import { recipeMap } from './recipe-config-map.ts'
import type { TrainingPlan } from './training-plan.ts'

/** @internal */
export function trainingManifests(plan: TrainingPlan): readonly Manifest[] {
  const recipe = recipeMap(plan, allLabels(plan))
  return [
    serviceAccount(plan),
    ...(recipe ? [recipe.manifest] : []),
    ...runClaim(plan),
    ...rankService(plan),
    networkPolicy(plan),
    ...metricsTarget(plan),
    ...rankJobs[plan.form](plan),
  ]
}
