/**
 * Groups cases into tests: promtool evaluates every rule in every test, so a hundred tests of one case each take ten times as long
 * as ten of ten. Cases are grouped if their metrics do not overlap.
 */

import { metricNamesOf } from '../promql/metric-names.ts'
import type { RuleCase } from './rule-case.ts'
import { isAlert, type Rule } from './rule-groups.ts'

/** Each with the same time between samples; cases that take long together with others that do. */
export function packCases(
  cases: readonly RuleCase[],
  rules: readonly Rule[],
): readonly (readonly RuleCase[])[] {
  const requested = metricsRequestedFor(rules)
  const packs: { readonly cases: RuleCase[]; readonly metrics: Set<string> }[] = []
  for (const each of cases.toSorted((a, b) => lastCheck(b) - lastCheck(a))) {
    const own = each.series.map(({ series }) => series.replace(/\{.*/s, ''))
    const metrics = new Set([...own, ...(requested.get(each.alert) ?? [])])
    const fits = packs.find(
      (pack) =>
        pack.cases[0]?.everyMillis === each.everyMillis &&
        [...metrics].every((name) => !pack.metrics.has(name)),
    )
    if (fits === undefined) packs.push({ cases: [each], metrics })
    else {
      fits.cases.push(each)
      for (const name of metrics) fits.metrics.add(name)
    }
  }
  return packs.map((pack) => pack.cases)
}

/** By alert: metrics of all its rules, and of their recorded inputs. */
function metricsRequestedFor(rules: readonly Rule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const recorded = new Map(
    rules.flatMap((rule) => (isAlert(rule) ? [] : [[rule.record, rule.expr] as const])),
  )
  const all = (expr: string): readonly string[] =>
    metricNamesOf(expr).flatMap((name) => {
      const source = recorded.get(name)
      return source === undefined ? [name] : [name, ...all(source)]
    })
  const byAlert = new Map<string, Set<string>>()
  for (const rule of rules.filter(isAlert)) {
    const names = byAlert.get(rule.alert) ?? new Set()
    byAlert.set(rule.alert, names)
    for (const name of all(rule.expr)) names.add(name)
  }
  return byAlert
}

function lastCheck({ checks }: RuleCase): number {
  return Math.max(...checks.map(({ atMillis }) => atMillis))
}
