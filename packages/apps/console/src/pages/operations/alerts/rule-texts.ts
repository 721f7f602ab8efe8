/** Identity and display of rules. Pure. */

import type { AlertRuleAnswer } from '@hadal/protocol'

/** Where several rules have one name, with their place among them. */
export function keyOfRule(rules: readonly AlertRuleAnswer[], rule: AlertRuleAnswer): string {
  const same = rules.filter(({ alert }) => alert === rule.alert)
  return same.length === 1 ? rule.alert : `${rule.alert}.${same.indexOf(rule) + 1}`
}

/** Without what Prometheus fills in when it fires, such as the name of a model before a colon. */
export const untemplated = (text: string): string => text.replace(/\{\{[^}]*\}\}/g, '…').replace(/^…+: /, '')
