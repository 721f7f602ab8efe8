/** All rules for what an API server takes and what hurts all the same. */

import type { LintRule } from '../finding.ts'
import { asLintRule, type FactualRule, type RuleFacts } from '../rule-facts.ts'
import { accessRules } from './access.ts'
import { autoscalingRules } from './autoscaling.ts'
import { disruptionRules } from './disruption.ts'
import { engineRules } from './engines.ts'
import { gpuRules } from './gpus.ts'
import { imageRules } from './images.ts'
import { jobRules } from './jobs.ts'
import { monitoringRules } from './monitoring/rules.ts'
import { networkRules } from './network.ts'
import { podSecurityRules } from './pod-security.ts'
import { probeRules } from './probes.ts'
import { referenceRules } from './references.ts'
import { resourceRules } from './resources.ts'
import { secretRules } from './secrets.ts'

const all: readonly FactualRule[] = [
  ...gpuRules,
  ...autoscalingRules,
  ...probeRules,
  ...engineRules,
  ...imageRules,
  ...resourceRules,
  ...disruptionRules,
  ...secretRules,
  ...podSecurityRules,
  ...accessRules,
  ...networkRules,
  ...referenceRules,
  ...jobRules,
  ...monitoringRules,
]

export const harmRules: readonly LintRule[] = all.map(asLintRule)

/** In the order of docs/deploy.md. */
export const harmCatalogue: readonly RuleFacts[] = all.map(({ id, severity, what, why }) => ({
  id,
  severity,
  what,
  why,
}))
