/**
 * Checks that metrics and labels in expressions are exported: an unknown metric makes a rule that never fires, and an unknown label
 * an empty sum. Pure.
 */

import { nearest } from '@hadal/base'
import type { SyntaxNode } from '@lezer/common'
import { matchersOf } from '../promql/matchers.ts'
import { nodesOf } from '../promql/metric-names.ts'
import { parsePromql } from '../promql/parse-promql.ts'
import { type KnownMetric, targetLabels } from './pinned/known-metric.ts'

export interface MissingName {
  /** As the expression has it: with `_bucket` and the like. */
  readonly name: string
  /** The label that it does not have; undefined where the metric itself is unknown. */
  readonly label: string | undefined
  readonly expression: string
  /** What may have been meant. */
  readonly nearest: string | undefined
}

/**
 * Checks all expressions; those that cannot be parsed have no names.
 *
 * @example
 * ```ts
 * import { checkMetricNames } from '@hadal/fleet'
 *
 * const known = [{ name: 'hadal_requests_total', kind: 'counter', labels: ['model'] }] as const
 * checkMetricNames(['rate(hadal_request_total[5m])'], known)[0]!.nearest // → 'hadal_requests_total'
 * ```
 */
export function checkMetricNames(
  expressions: readonly string[],
  known: readonly KnownMetric[],
): readonly MissingName[] {
  const labelsOf = labelsByName(known)
  return expressions.flatMap((expression) => missingIn(expression, labelsOf))
}

type LabelsByName = ReadonlyMap<string, ReadonlySet<string>>

/** A name that several export has the labels of all. */
function labelsByName(known: readonly KnownMetric[]): LabelsByName {
  const byName = new Map<string, Set<string>>()
  const add = (name: string, labels: readonly string[]): void => {
    const all = byName.get(name) ?? new Set(targetLabels)
    for (const label of labels) all.add(label)
    byName.set(name, all)
  }
  for (const { name, kind, labels } of known) {
    if (kind !== 'histogram') {
      add(name, labels)
      continue
    }
    add(`${name}_bucket`, [...labels, 'le'])
    add(`${name}_sum`, labels)
    add(`${name}_count`, labels)
  }
  return byName
}

function missingIn(expression: string, labelsOf: LabelsByName): readonly MissingName[] {
  const { root, issues } = parsePromql(expression)
  if (root === undefined || issues.length > 0) return []
  const missing: MissingName[] = []
  const miss = (name: string, label: string | undefined, candidates: Iterable<string>): void => {
    missing.push({ name, label, expression, nearest: nearest(label ?? name, [...candidates]) })
  }
  for (const selector of nodesOf(root, 'VectorSelector')) {
    const name = nameOf(selector, expression)
    if (name === undefined) continue
    const labels = labelsOf.get(name)
    if (labels === undefined) {
      miss(name, undefined, labelsOf.keys())
      continue
    }
    const used = [
      ...matchersOf(selector, expression).map(({ label }) => label),
      ...groupingsAround(selector, expression),
    ]
    for (const label of new Set(used))
      if (label !== '__name__' && !labels.has(label)) miss(name, label, labels)
  }
  return missing
}

function nameOf(selector: SyntaxNode, text: string): string | undefined {
  const name = selector.getChild('Identifier')
  return name === null ? undefined : text.slice(name.from, name.to)
}

/** Labels in `by (...)` of every aggregation around a selector. */
function groupingsAround(selector: SyntaxNode, text: string): readonly string[] {
  const labels: string[] = []
  for (let node = selector.parent; node !== null; node = node.parent) {
    const modifier = node.type.name === 'AggregateExpr' ? node.getChild('AggregateModifier') : null
    if (modifier === null || modifier.getChild('By') === null) continue
    for (const label of modifier.getChild('GroupingLabels')?.getChildren('LabelName') ?? [])
      labels.push(text.slice(label.from, label.to))
  }
  return labels
}
