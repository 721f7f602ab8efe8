/** All rules for manifests that an API server accepts but that are unsafe. */

import type { LintRule } from '../lint-rule.ts'
import { asLintRule, type FactualRule, type RuleFacts } from '../rule-facts.ts'
import { accessRules } from './access.ts'
import { autoscalingRules } from './autoscaling.ts'
import { disruptionRules } from './disruption.ts'
import { engineRules } from './engines.ts'
import { gpuRules } from './gpus.ts'
import { imageRules } from './images.ts'
import { jobRules } from './jobs.ts'
import { kedaRules } from './keda.ts'
import { alertLogicRules } from './monitoring/alert-logic.ts'
import { alertRules } from './monitoring/alert-rules.ts'
import { promqlRules } from './monitoring/promql-rules.ts'
import { monitorRules } from './monitors.ts'
import { podSecurityRules } from './pod-security.ts'
import { policyRules } from './policies.ts'
import { probeRules } from './probes.ts'
import { referenceRules } from './references.ts'
import { resourceRules } from './resources.ts'
import { rolloutRules } from './rollouts.ts'
import { secretRules } from './secrets.ts'
import { serviceRules } from './services.ts'

const all: readonly FactualRule[] = [
  ...gpuRules,
  ...autoscalingRules,
  ...kedaRules,
  ...probeRules,
  ...engineRules,
  ...imageRules,
  ...resourceRules,
  ...disruptionRules,
  ...rolloutRules,
  ...secretRules,
  ...podSecurityRules,
  ...accessRules,
  ...serviceRules,
  ...monitorRules,
  ...policyRules,
  ...referenceRules,
  ...jobRules,
  ...promqlRules,
  ...alertLogicRules,
  ...alertRules,
]

/**
 * Rules about manifests that a cluster takes, and that do harm.
 *
 * @example
 * ```ts
 * import { harmRules, lintManifests } from '@hadal/manifest-lint'
 *
 * lintManifests([{ path: 'pod.yaml', text: 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: "a:latest" }] }' }], { rules: harmRules }).length > 0 // → true
 * ```
 */
export const harmRules: readonly LintRule[] = all.map(asLintRule)

/**
 * In the order of docs/deploy.md.
 *
 * @internal
 */
export const harmCatalogue: readonly RuleFacts[] = all.map(({ id, severity, what, why }) => ({
  id,
  severity,
  what,
  why,
}))
