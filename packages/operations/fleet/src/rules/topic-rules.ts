/** The signature of every topic: its rules in one group, and cases that show when they fire. */

import type { RuleCase } from './rule-case.ts'
import type { Rule } from './rule-groups.ts'
import type { RuleView } from './rule-view.ts'

export interface TopicRules {
  readonly group: string
  readonly rules: readonly Rule[]
  readonly cases: readonly RuleCase[]
}

/** Without rules where the deployment has nothing they could be about. */
export type TopicOf = (view: RuleView) => TopicRules
