/**
 * The unit tests of a deployment's rules in promtool's form, rendered beside the rules so that whoever changes one can
 * see what it does: `promtool test rules rules-test.yaml`. Labels and texts that hold in every case are those of the
 * rule; whether it fires, when, and for which series is what its case says.
 */

import { stringify } from 'yaml'
import type { Deployment } from '../deployment/deployment.ts'
import { promDuration } from './prom-duration.ts'
import type { Firing, RuleCase } from './rule-case.ts'
import { type AlertRule, isAlert } from './rule-groups.ts'
import { topicsOf } from './rules-of.ts'
import type { TopicRules } from './topic-rules.ts'

export interface RuleTestsOptions {
  /** As the test file names the rule file: a path from the folder of the tests. */
  readonly ruleFile?: string
}

/** Throws `monitor_scrape_interval`. */
export function ruleTestsOf(
  deployment: Deployment,
  { ruleFile = 'rules.yaml' }: RuleTestsOptions = {},
): string {
  return ruleTestFile(topicsOf(deployment), deployment.monitor.scrapeIntervalMillis, ruleFile)
}

/** Of these topics alone, whose rules are in that file. */
export function ruleTestFile(topics: readonly TopicRules[], scrapeMillis: number, ruleFile: string): string {
  const alerts = topics.flatMap(({ rules }) => rules.filter(isAlert))
  return stringify(
    {
      rule_files: [ruleFile],
      evaluation_interval: '1m',
      tests: topics.flatMap(({ cases }) => cases.map((each) => testOf(each, alerts, scrapeMillis))),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )
}

function testOf(
  { alert, shows, everyMillis, series, checks }: RuleCase,
  alerts: readonly AlertRule[],
  scrape: number,
): unknown {
  const named = alerts.filter((each) => each.alert === alert)
  return {
    name: `${alert}: ${shows}`,
    interval: promDuration(everyMillis ?? scrape),
    input_series: series,
    alert_rule_test: checks
      .filter(({ firing }) => firing.length === 0 || firing.every(tellsTexts))
      .map(({ atMillis, firing }) => ({
        eval_time: promDuration(atMillis),
        alertname: alert,
        exp_alerts: firing.map((each) => expectedAlert(each, ruleOf(each, named))),
      })),
    // Where a case says nothing of texts: the series that Prometheus writes of what fires.
    promql_expr_test: checks
      .filter(({ firing }) => firing.length > 0)
      .map(({ atMillis, firing }) => ({
        expr: `ALERTS{alertname="${alert}",alertstate="firing"}`,
        eval_time: promDuration(atMillis),
        exp_samples: firing.map((each) => ({
          labels: `ALERTS${braces({ alertname: alert, alertstate: 'firing', ...labelsOf(each, ruleOf(each, named)) })}`,
          value: 1,
        })),
      })),
  }
}

function tellsTexts({ value }: Firing): boolean {
  return value !== undefined
}

/** The rule of that name that has these labels. */
function ruleOf({ rule = {} }: Firing, named: readonly AlertRule[]): AlertRule {
  const found = named.find(({ labels }) =>
    Object.entries(rule).every(([label, value]) => labels[label] === value),
  )
  if (found === undefined) throw new TypeError(`no rule has ${JSON.stringify(rule)}`)
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

function braces(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`
}
