/** Rules for PromQL in manifests: what Prometheus rejects, and what it accepts but matches nothing. */

import { metricNamesOf } from '@hadal/fleet'
import { checkPromql, promqlType } from '../../promql/check-promql.ts'
import type { FactualRule } from '../../rule-facts.ts'
import { monitoredBy } from './expressions-of.ts'
import { isKnownCounter, isKnownGauge, unknownName } from './known-metrics.ts'
import { repaired, shortened } from './repair.ts'
import { PromqlTree } from './tree-of.ts'

const badPromql: FactualRule = {
  id: 'bad_promql',
  severity: 'harmful',
  what: 'PromQL that Prometheus rejects',
  why: 'The API server accepts any text. The webhook of the Prometheus operator, where installed, rejects the object; elsewhere Prometheus drops all rules of the file, and panels and triggers fail when used.',
  *find(object) {
    for (const expression of monitoredBy(object).expressions) {
      const { text, said, path, where } = expression
      const issue = checkPromql(text)[0]
      if (issue === undefined) continue
      const isNewer = issue.kind === 'version' || issue.kind === 'experimental'
      const place =
        text === said ? ` (at ${issue.from + 1} of ${shortened(text)})` : ` (in ${shortened(said)})`
      yield {
        path,
        reason: `${where}${issue.message}${place}`,
        fix: isNewer
          ? 'Rewrite it for Prometheus 2.53, or make sure that every Prometheus that reads it is newer.'
          : (repaired(expression, issue) ??
            'promtool check rules reports the same for a rule file; the position is where the parser stops.'),
      }
    }
  },
}

const ruleWithoutVector: FactualRule = {
  id: 'rule_without_vector',
  severity: 'harmful',
  what: 'a rule whose expression does not return a vector',
  why: 'Prometheus accepts it, but each evaluation fails: nothing is recorded, no alert fires.',
  *find(object) {
    for (const { use, text, path, where } of monitoredBy(object).expressions) {
      const type = use === 'alert' || use === 'record' ? promqlType(text) : undefined
      if (type !== 'string' && type !== 'range vector') continue
      yield {
        path,
        reason: `${where}${shortened(text)} returns a ${type}`,
        fix:
          type === 'string'
            ? 'expr must be an expression, not a string'
            : `expr: rate(${text}), or avg_over_time(${text})`,
      }
    }
  },
}

const unknownMetric: FactualRule = {
  id: 'unknown_metric',
  severity: 'harmful',
  what: 'a metric that Hadal, vLLM, SGLang or the DCGM exporter does not export',
  why: 'The alert never fires, the panel stays empty, the autoscaler does not scale, and nothing reports it: names change between versions. For metrics that other versions or options export, the finding is advice.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions)
      for (const name of metricNamesOf(text)) {
        const unknown = unknownName(name)
        if (unknown === undefined) continue
        const { from, nearest, isOpen } = unknown
        yield {
          path,
          reason: `${where}${from} exports no ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
          fix:
            nearest ??
            'List the metrics with curl -s http://POD:PORT/metrics; docs/metrics.md lists those of Hadal.',
          ...(isOpen ? { severity: 'advice' as const } : {}),
        }
      }
  },
}

const quantileWithoutLe: FactualRule = {
  id: 'quantile_without_le',
  severity: 'harmful',
  what: 'histogram_quantile over buckets that were aggregated without le',
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
  why: 'rate treats each decrease of a gauge as a counter reset; delta treats each counter reset as a decrease.',
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
  why: 'A restart of one target looks like a reset of the sum: the rate spikes by the whole count. Apply rate first, then sum.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { name, arguments: given } of tree.calls('rate', 'irate', 'increase')) {
        const inner = given[0]?.type.name === 'SubqueryExpr' ? given[0].getChild('Expr') : undefined
        if (inner?.type.name !== 'AggregateExpr' || /\b(rate|irate|increase|delta)\(/.test(tree.said(inner)))
          continue
        yield {
          path,
          reason: `${where}${name} of ${shortened(tree.said(inner))} is applied after the sum`,
          fix: `sum(${name}(...[5m]))`,
        }
      }
    }
  },
}

export const promqlRules: readonly FactualRule[] = [
  badPromql,
  ruleWithoutVector,
  unknownMetric,
  quantileWithoutLe,
  rateOfGauge,
  rateAfterSum,
]
