/** Prometheus rule groups as plain data: the content of a rule file, and of the operator's PrometheusRule `spec`. */

import { stringify } from 'yaml'

export interface RuleGroups {
  readonly groups: readonly RuleGroup[]
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

export type Rule = RecordingRule | AlertRule

export interface RecordingRule {
  /** `level:metric:operation`. */
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>> & { readonly severity: Severity }
  readonly annotations: {
    readonly summary: string
    readonly description: string
    readonly runbook_url: string
  }
}

/** `page` requires immediate action; `ticket` waits for working hours. */
export type Severity = 'page' | 'ticket'

/** @internal */
export function isAlert(rule: Rule): rule is AlertRule {
  return 'alert' in rule
}

/**
 * The YAML of a rule file.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { ruleFile, rulesOf } from '@hadal/fleet'
 *
 * const text = ruleFile(rulesOf(deployment)) // a rule file of Prometheus
 * text.startsWith('groups:') // → true
 * ```
 */
export function ruleFile(groups: RuleGroups): string {
  return stringify(groups, { lineWidth: 0, aliasDuplicateObjects: false })
}
