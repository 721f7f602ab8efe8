/** PromQL in manifests: what Prometheus refuses, what it takes and never fires, and alerts that say too little. */

import { checkPromql, promqlType } from '../../../promql/check-promql.ts'
import { metricNamesOf } from '../../../promql/metric-names.ts'
import type { PromqlFault } from '../../../promql/parse-promql.ts'
import type { FactualRule } from '../../rule-facts.ts'
import { textAt, valueAt } from '../read/values.ts'
import { type Expression, monitoredBy, withoutVariables } from './expressions-of.ts'
import { isKnownCounter, isKnownGauge, unknownName } from './known-metrics.ts'
import { PromqlTree } from './tree-of.ts'

const badPromql: FactualRule = {
  id: 'bad_promql',
  severity: 'rejected',
  what: 'PromQL that Prometheus does not take',
  why: 'The webhook of the Prometheus operator rejects the object; without it Prometheus drops all rules of the file. In ConfigMaps, dashboards and triggers nobody checks it before it fails: there it is harmful.',
  *find(object) {
    for (const expression of monitoredBy(object).expressions) {
      const { text, said, path, where, isAdmitted } = expression
      const fault = checkPromql(text)[0]
      if (fault === undefined) continue
      const isNewer = fault.kind === 'version' || fault.kind === 'experimental'
      const place =
        text === said ? ` (at ${fault.from + 1} of ${shortened(text)})` : ` (in ${shortened(said)})`
      yield {
        path,
        reason: `${where}${fault.message}${place}`,
        fix: isNewer
          ? 'Write it so that Prometheus 2.53 takes it, or see that each Prometheus that reads it is newer.'
          : (repaired(expression, fault) ??
            'promtool check rules says the same of a rule file; the place is where Prometheus stops reading.'),
        ...(isAdmitted && !isNewer ? {} : { severity: 'harmful' as const }),
      }
    }
  },
}

/** The usual slips, set right: the first change after which nothing is wrong. */
function repaired({ text, said }: Expression, { message, from, to }: PromqlFault): string | undefined {
  const whole = said.trim()
  const tries = [`${whole})`, `${whole}))`]
  // Places are those of the text that Prometheus gets.
  if (text === said) {
    const meant = /did you mean (\w+)\?/.exec(message)?.[1]
    tries.unshift(`${text.slice(0, to)}[5m]${text.slice(to)}`)
    if (meant !== undefined) tries.unshift(text.slice(0, from) + meant + text.slice(to))
    tries.push(text.slice(0, from) + text.slice(to))
  }
  const found = tries.find((each) => promqlType(withoutVariables(each)) === 'instant vector')
  return found === undefined ? undefined : `perhaps ${found.trim()}`
}

const shortened = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length <= 80 ? flat : `${flat.slice(0, 77)}...`
}

const ruleWithoutVector: FactualRule = {
  id: 'rule_without_vector',
  severity: 'harmful',
  what: 'a rule whose expression gives no vector',
  why: 'It is taken, and fails at each evaluation: nothing is recorded, no alert fires.',
  *find(object) {
    for (const { use, text, path, where } of monitoredBy(object).expressions) {
      const type = use === 'alert' || use === 'record' ? promqlType(text) : undefined
      if (type !== 'string' && type !== 'range vector') continue
      yield {
        path,
        reason: `${where}${shortened(text)} gives a ${type}`,
        fix:
          type === 'string'
            ? 'expr: an expression, not a text'
            : `expr: rate(${text}), or avg_over_time(${text})`,
      }
    }
  },
}

const unknownMetric: FactualRule = {
  id: 'unknown_metric',
  severity: 'harmful',
  what: 'a metric of Hadal, vLLM, SGLang or the DCGM exporter that nobody exports',
  why: 'The alert never fires, the panel stays empty, the autoscaler stands still, and nothing says so: names change between versions. What may be there in another version, or turned on, is advice.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions)
      for (const name of metricNamesOf(text)) {
        const unknown = unknownName(name)
        if (unknown === undefined) continue
        const { from, nearest, isOpen } = unknown
        yield {
          path,
          reason: `${where}${from} exports no ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
          fix: nearest ?? 'curl -s http://POD:PORT/metrics says what there is; docs/metrics.md lists ours.',
          ...(isOpen ? { severity: 'advice' as const } : {}),
        }
      }
  },
}

const quantileWithoutLe: FactualRule = {
  id: 'quantile_without_le',
  severity: 'harmful',
  what: 'histogram_quantile over buckets that were summed without le',
  why: 'Without the label le there are no buckets: the result is empty, and the alert never fires.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { arguments: given } of tree.calls('histogram_quantile')) {
        const grouping = given[1] === undefined ? undefined : tree.groupingOf(given[1])
        if (grouping === undefined || grouping.labels.includes('le') === grouping.isBy) continue
        if (!tree.said(given[1]!).includes('_bucket')) continue
        const labels = grouping.isBy
          ? ['le', ...grouping.labels]
          : grouping.labels.filter((label) => label !== 'le')
        yield {
          path,
          reason: `${where}${shortened(tree.said(given[1]!))} drops the label le, so there are no buckets`,
          fix: `sum ${grouping.isBy ? 'by' : 'without'} (${labels.join(', ')}) (rate(..._bucket[5m]))`,
        }
      }
    }
  },
}

const rateOfGauge: FactualRule = {
  id: 'rate_of_gauge',
  severity: 'harmful',
  what: 'rate or increase of a gauge, delta of a counter',
  why: 'rate takes each fall of a gauge for a restart and adds it up; delta takes each restart for a fall.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { name, arguments: given } of tree.calls(
        'rate',
        'irate',
        'increase',
        'delta',
        'idelta',
        'deriv',
      )) {
        const metric = given[0] === undefined ? undefined : metricNamesOf(tree.said(given[0]))[0]
        if (metric === undefined || given[0]!.type.name === 'SubqueryExpr') continue
        const isOfCounter = ['rate', 'irate', 'increase'].includes(name)
        if (isOfCounter ? !isKnownGauge(metric) : !isKnownCounter(metric)) continue
        yield {
          path,
          reason: `${where}${name} of ${metric}, which is a ${isOfCounter ? 'gauge' : 'counter'}`,
          fix: isOfCounter
            ? `avg_over_time(${metric}[5m]), max_over_time or deriv`
            : `increase(${metric}[5m])`,
        }
      }
    }
  },
}

const rateAfterSum: FactualRule = {
  id: 'rate_after_sum',
  severity: 'harmful',
  what: 'rate of a sum of counters',
  why: 'A restart of one target looks like a restart of the sum: the rate jumps by all that was ever counted. First rate, then sum.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { name, arguments: given } of tree.calls('rate', 'irate', 'increase')) {
        const inner = given[0]?.type.name === 'SubqueryExpr' ? given[0].getChild('Expr') : undefined
        if (inner?.type.name !== 'AggregateExpr' || /\b(rate|irate|increase|delta)\(/.test(tree.said(inner)))
          continue
        yield {
          path,
          reason: `${where}${name} of ${shortened(tree.said(inner))} comes after the sum`,
          fix: `sum(${name}(...[5m]))`,
        }
      }
    }
  },
}

const longIrate: FactualRule = {
  id: 'long_irate',
  severity: 'advice',
  what: 'irate over a long range',
  why: 'irate looks at the last two samples alone, whatever the range: an alert on it flaps.',
  *find(object) {
    for (const { text, path, where, use } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { arguments: given } of tree.calls('irate')) {
        const millis = given[0] === undefined ? undefined : tree.rangeOf(given[0])
        if (use === 'panel' || millis === undefined || millis <= 120_000) continue
        yield {
          path,
          reason: `${where}irate over ${millis / 1000} s uses the last two samples alone`,
          fix: 'rate in place of irate',
        }
      }
    }
  },
}

const manySeries: FactualRule = {
  id: 'trigger_of_many_series',
  severity: 'harmful',
  what: 'a query of KEDA that gives several series',
  why: 'KEDA takes one number: with several it reports an error, and nothing is scaled.',
  *find(object) {
    for (const { use, text, path } of monitoredBy(object).expressions) {
      if (use !== 'trigger' || checkPromql(text).length > 0) continue
      const tree = new PromqlTree(text)
      if (tree.isSingle()) continue
      yield {
        path,
        reason: `${shortened(text)} gives as many series as there are ${tree.root && tree.groupingOf(tree.root) ? 'groups' : 'pods'}, and KEDA takes one`,
        fix: `query: ${tree.root?.type.name === 'VectorSelector' ? `sum(${text.trim()})` : 'sum(...) or max(...) around the whole'}`,
      }
    }
  },
}

/** What goes up and down by itself; whereas a restart or a fault of a GPU has happened at its first sample. */
const flapping = /\b(?:rate|irate|histogram_quantile)\s*\(|\bup\b|GPU_UTIL\b(?!\[)|num_requests_|usage_perc/

const alertOfMoment: FactualRule = {
  id: 'alert_without_for',
  severity: 'advice',
  what: 'an alert on what goes up and down that fires at the first sample',
  why: 'One late scrape or one slow request wakes somebody up.',
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
  why: 'Routes of Alertmanager go by severity; whoever is woken up wants to know what is wrong.',
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
  what: 'a dashboard that is no JSON, or a rule file that is no YAML, in a ConfigMap',
  why: 'The API server takes any text; Grafana and Prometheus leave it out.',
  *find(object) {
    for (const { path, what, why } of monitoredBy(object).broken)
      yield {
        path,
        reason: `the ${what === 'dashboard' ? 'dashboard' : 'rule file'} cannot be read: ${why}`,
        fix:
          what === 'dashboard'
            ? 'Export the dashboard again, or render it: hadal deploy render.'
            : 'Correct the YAML; promtool check rules FILE says where.',
      }
  },
}

export const monitoringRules: readonly FactualRule[] = [
  badPromql,
  ruleWithoutVector,
  unknownMetric,
  quantileWithoutLe,
  rateOfGauge,
  rateAfterSum,
  longIrate,
  manySeries,
  alertOfMoment,
  mutedAlert,
  brokenDashboard,
]
