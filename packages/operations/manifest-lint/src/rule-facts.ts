/** Documentation of a linter rule: source of the table in docs/deploy.md. */

import type { Issue, LintFinding, LintObject } from '@hadal/fleet'
import type { LintContext, LintRule } from './lint-rule.ts'

export interface RuleFacts {
  /** Stable: `surge_without_gpus`. */
  readonly id: string
  /** Highest severity; with little information, a rule may report a lower one. */
  readonly severity: LintFinding['severity']
  /** What the rule finds, as a phrase: `a GPU that no toleration goes with`. */
  readonly what: string
  /** What comes of it. */
  readonly why: string
}

export interface Found {
  readonly path: readonly (string | number)[]
  /** With the numbers and names at hand. */
  readonly reason: string
  /** What to write instead, so that it can be pasted. */
  readonly fix: string
  /** If lower than the rule's severity. */
  readonly severity?: LintFinding['severity']
}

/** A rule with its facts. Pure. */
export interface FactualRule extends RuleFacts {
  find(object: LintObject, context: LintContext): Iterable<Found>
}

/** As `lintManifests` runs it. */
export function asLintRule({ id, severity, find }: FactualRule): LintRule {
  return (object, context) =>
    [...find(object, context)].map((found): Issue => ({ rule: id, severity, ...found }))
}
