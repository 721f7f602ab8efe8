/** Explains the numbers of a trace in sentences: a list of rules, with thresholds in a table. */

import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'
import type { Advice, Rule, Thresholds } from './rule.ts'
import { copyRules } from './rules/copies.ts'
import { gapRules } from './rules/gaps.ts'
import { memoryRules } from './rules/memory.ts'
import { operatorRules } from './rules/operators.ts'
import { trainingRules } from './rules/training.ts'
import { adviceThresholds } from './thresholds.ts'

export const adviceRules: readonly Rule[] = [
  ...copyRules,
  ...gapRules,
  ...trainingRules,
  ...operatorRules,
  ...memoryRules,
]

/** Recommendations in order of importance: time, then memory, then that no issue was found. */
export function advice(
  summary: TraceSummary,
  facts: Facts = {},
  thresholds: Thresholds = adviceThresholds,
  rules: readonly Rule[] = adviceRules,
): Advice[] {
  const rank = ({ rule }: Advice): number =>
    last.has(rule) ? 2 : memoryRules.some(({ name }) => name === rule) ? 1 : 0
  return rules
    .flatMap((rule) => rule.judge({ summary, facts, thresholds }) ?? [])
    .sort((one, other) => rank(one) - rank(other) || other.share - one.share)
}

const last: ReadonlySet<string> = new Set(['low-utilization', 'mostly-products'])
