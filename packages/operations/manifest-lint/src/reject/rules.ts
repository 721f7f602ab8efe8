/** Everything that an API server of 1.33 would refuse, as rules. */

import type { LintRule } from '../lint-rule.ts'
import { portTakenRule, sameObjectRule } from './application.ts'
import { autoscalingRule } from './autoscaling.ts'
import { clusterRule } from './cluster.ts'
import { configDataRule } from './config-data.ts'
import { containersRule } from './containers.ts'
import { customResourcesRule } from './custom-resources.ts'
import { fieldsRule } from './fields.ts'
import { immutableRule } from './immutable.ts'
import { jobsRule } from './jobs.ts'
import { kindsRule } from './kinds.ts'
import { listKeysRule } from './list-keys.ts'
import { labelsRule, metadataRule } from './metadata.ts'
import { networkRule } from './network.ts'
import { podsRule } from './pods.ts'
import { probesRule } from './probes.ts'
import { rbacRule } from './rbac.ts'
import { resourcesRule } from './resources.ts'
import { schedulingRule } from './scheduling.ts'
import { selectorsRule } from './selectors.ts'
import { servicesRule } from './services.ts'
import { storageRule } from './storage.ts'
import { asServerLooks } from './unlooked.ts'
import { volumesRule } from './volumes.ts'
import { workloadsRule } from './workloads.ts'

const meanings: readonly LintRule[] = [
  metadataRule,
  labelsRule,
  selectorsRule,
  workloadsRule,
  podsRule,
  containersRule,
  resourcesRule,
  probesRule,
  volumesRule,
  schedulingRule,
  listKeysRule,
  jobsRule,
  servicesRule,
  networkRule,
  autoscalingRule,
  rbacRule,
  configDataRule,
  storageRule,
  clusterRule,
  customResourcesRule,
]

/**
 * Rules about manifests that a cluster would refuse.
 *
 * @example
 * ```ts
 * import { lintManifests, rejectionRules } from '@hadal/manifest-lint'
 *
 * lintManifests([{ path: 'a.yaml', text: 'apiVersion: v1\nkind: Pod\nmetadata: { name: A_b }\nspec: { containers: [] }' }], { rules: rejectionRules }).length > 0 // → true
 * ```
 */
export const rejectionRules: readonly LintRule[] = [
  kindsRule,
  asServerLooks(fieldsRule, true),
  ...meanings.map((rule) => asServerLooks(rule)),
  sameObjectRule,
  portTakenRule,
  immutableRule,
]
