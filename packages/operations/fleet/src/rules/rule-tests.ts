/**
 * A deployment's rule unit tests in promtool's form, rendered alongside the rules so that the effect of a change is visible:
 * `promtool test rules rules-test.yaml`. Constant labels and texts come from the rule; the case defines whether, when, and for
 * which series it fires.
 */

import { stringify } from 'yaml'
import type { Deployment } from '../deployment/deployment.ts'
import { packCases } from './pack-cases.ts'
import { promDuration } from './prom-duration.ts'
import { type Firing, type RuleCase, series } from './rule-case.ts'
import { type AlertRule, isAlert } from './rule-groups.ts'
import { topicsOf } from './rules-of.ts'
import type { TopicRules } from './topic-rules.ts'

export interface RuleTestsOptions {
  /** As the test file names the rule file: a path from the folder of the tests. */
  readonly ruleFile?: string
}

/**
 * Throws `monitor_scrape_interval`.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { ruleTestsOf } from '@hadal/fleet'
 *
 * const text = ruleTestsOf(deployment) // for promtool test rules
 * text.includes('rule_files:') // → true
 * ```
 */
export function ruleTestsOf(
  deployment: Deployment,
  { ruleFile = 'rules.yaml' }: RuleTestsOptions = {},
): string {
  return ruleTestFile(topicsOf(deployment), deployment.monitor.scrapeIntervalMillis, ruleFile)
}

/** Test file for only these topics, whose rules are in `ruleFile`. */
export function ruleTestFile(topics: readonly TopicRules[], scrapeMillis: number, ruleFile: string): string {
  const alerts = topics.flatMap(({ rules }) => rules.filter(isAlert))
  return stringify(
    {
      rule_files: [ruleFile],
      evaluation_interval: '1m',
      tests: packCases(
        topics.flatMap(({ cases }) => cases),
        topics.flatMap(({ rules }) => rules),
      ).map((cases) => testOf(cases, alerts, scrapeMillis)),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )
}

/** Test of cases that do not interfere with one another. */
function testOf(cases: readonly RuleCase[], alerts: readonly AlertRule[], scrapeMillis: number): unknown {
  return {
    name: cases.map(({ alert, shows }) => `${alert}: ${shows}`).join('; '),
    interval: promDuration(cases[0]?.everyMillis ?? scrapeMillis),
    input_series: cases.flatMap(({ series }) => series),
    alert_rule_test: cases.flatMap((each) => alertTests(each, alerts)),
    promql_expr_test: cases.flatMap((each) => seriesTests(each, alerts)),
  }
}

/** Whole alerts, where the case knows their texts, and that nothing fires. */
function alertTests({ alert, checks }: RuleCase, alerts: readonly AlertRule[]): readonly unknown[] {
  return checks
    .filter(({ firing }) => firing.every(tellsTexts))
    .map(({ atMillis, firing }) => ({
      eval_time: promDuration(atMillis),
      alertname: alert,
      exp_alerts: firing.map((each) => expectedAlert(each, ruleOf(alert, each, alerts))),
    }))
}

/** The series that Prometheus writes for firing alerts, without checking their texts. */
function seriesTests({ alert, checks }: RuleCase, alerts: readonly AlertRule[]): readonly unknown[] {
  return checks
    .filter(({ firing }) => firing.length > 0)
    .map(({ atMillis, firing }) => ({
      expr: `ALERTS{alertname="${alert}",alertstate="firing"}`,
      eval_time: promDuration(atMillis),
      exp_samples: firing.map((each) => ({
        labels: series('ALERTS', {
          alertname: alert,
          alertstate: 'firing',
          ...labelsOf(each, ruleOf(alert, each, alerts)),
        }),
        value: 1,
      })),
    }))
}

function tellsTexts({ value }: Firing): boolean {
  return value !== undefined
}

/** The rule of that name that has these labels. */
function ruleOf(alert: string, { rule = {} }: Firing, alerts: readonly AlertRule[]): AlertRule {
  const found = alerts.find(
    (each) =>
      each.alert === alert && Object.entries(rule).every(([label, value]) => each.labels[label] === value),
  )
  if (found === undefined) throw new TypeError(`no rule ${alert} has ${JSON.stringify(rule)}`)
  return found
}

function labelsOf({ labels = {} }: Firing, rule: AlertRule): Readonly<Record<string, string>> {
  return { ...labels, ...rule.labels }
}

function expectedAlert(firing: Firing, rule: AlertRule): unknown {
  const labels = labelsOf(firing, rule)
  const annotations = Object.entries(rule.annotations).map(([name, text]) => [
    name,
    text
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
      .replace(/\{\{ \$value[^}]*\}\}/g, firing.value ?? ''),
  ])
  return { exp_labels: labels, exp_annotations: Object.fromEntries(annotations) }
}
