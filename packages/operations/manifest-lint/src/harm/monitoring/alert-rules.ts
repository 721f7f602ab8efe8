/** Rules for alerts: flapping, missing information, triggers that return several series, broken templates. */

import { checkPromql } from '../../promql/check-promql.ts'
import type { FactualRule } from '../../rule-facts.ts'
import { textAt, valueAt } from '../read/values.ts'
import { type Expression, monitoredBy } from './expressions-of.ts'
import { shortened } from './repair.ts'
import { PromqlTree } from './tree-of.ts'

const longIrate: FactualRule = {
  id: 'long_irate',
  severity: 'advice',
  what: 'irate over a long range',
  why: 'irate uses only the last two samples, whatever the range: an alert on it flaps.',
  *find(object) {
    for (const { text, path, where, use } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { arguments: given } of tree.calls('irate')) {
        const millis = given[0] === undefined ? undefined : tree.rangeOf(given[0])
        if (use === 'panel' || millis === undefined || millis <= 120_000) continue
        yield {
          path,
          reason: `${where}irate over ${millis / 1000} s uses only the last two samples`,
          fix: 'Use rate instead of irate',
        }
      }
    }
  },
}

const manySeries: FactualRule = {
  id: 'trigger_of_many_series',
  severity: 'harmful',
  what: 'a KEDA query that returns several series',
  why: 'KEDA needs a single value: with several it reports an error, and nothing scales.',
  *find(object) {
    for (const { use, text, path } of monitoredBy(object).expressions) {
      if (use !== 'trigger' || checkPromql(text).length > 0) continue
      const tree = new PromqlTree(text)
      if (tree.isSingle()) continue
      yield {
        path,
        reason: `${shortened(text)} returns one series per ${tree.root && tree.groupingOf(tree.root) ? 'group' : 'pod'}, but KEDA needs a single value`,
        fix: `query: ${tree.root?.type.name === 'VectorSelector' ? `sum(${text.trim()})` : 'sum(...) or max(...) around the expression'}`,
      }
    }
  },
}

/** Values that fluctuate; a restart or a GPU error has happened at its first sample. */
const flapping = /\b(?:rate|irate|histogram_quantile)\s*\(|\bup\b|GPU_UTIL\b(?!\[)|num_requests_|usage_perc/

const alertOfMoment: FactualRule = {
  id: 'alert_without_for',
  severity: 'advice',
  what: 'an alert on what goes up and down that fires at the first sample',
  why: 'A single late scrape or slow request pages someone.',
  *find(object) {
    for (const { use, rule, path, where, text } of monitoredBy(object).expressions) {
      if (use !== 'alert' || rule.for !== undefined || !flapping.test(text) || /\band\b/i.test(text)) continue
      yield { path: ruleOf(path), reason: `${where}alert ${String(rule.alert)} has no for`, fix: 'for: 5m' }
    }
  },
}

const mutedAlert: FactualRule = {
  id: 'alert_says_little',
  severity: 'advice',
  what: 'an alert without a severity or a summary',
  why: 'Alertmanager routes by severity, and the person who is paged needs a summary.',
  *find(object) {
    for (const { use, rule, path, where } of monitoredBy(object).expressions) {
      if (use !== 'alert') continue
      const hasText = ['summary', 'description', 'message'].some(
        (name) => textAt(rule, 'annotations', name) !== undefined,
      )
      const lacking = [
        ...(valueAt(rule, 'labels', 'severity') === undefined ? ['labels: { severity: page }'] : []),
        ...(hasText ? [] : ['annotations: { summary: ..., runbook_url: ... }']),
      ]
      if (lacking.length === 0) continue
      yield {
        path: ruleOf(path),
        reason: `${where}alert ${String(rule.alert)} has no ${lacking.map((each) => (each.startsWith('labels') ? 'label severity' : 'summary')).join(' and no ')}`,
        fix: lacking.join(', '),
      }
    }
  },
}

const ruleOf = (path: Expression['path']): Expression['path'] =>
  path.at(-1) === 'expr' ? path.slice(0, -1) : path

const brokenDashboard: FactualRule = {
  id: 'broken_monitoring_text',
  severity: 'harmful',
  what: 'invalid JSON in a dashboard ConfigMap, or invalid YAML in a rule file ConfigMap',
  why: 'The API server accepts any text; Grafana and Prometheus ignore it.',
  *find(object) {
    for (const { path, what, why } of monitoredBy(object).broken)
      yield {
        path,
        reason: `the ${what === 'dashboard' ? 'dashboard' : 'rule file'} cannot be parsed: ${why}`,
        fix:
          what === 'dashboard'
            ? 'Export the dashboard again, or render it: hadal deploy render.'
            : 'Correct the YAML; promtool check rules FILE shows the position.',
      }
  },
}

export const alertRules: readonly FactualRule[] = [
  manySeries,
  brokenDashboard,
  longIrate,
  alertOfMoment,
  mutedAlert,
]
