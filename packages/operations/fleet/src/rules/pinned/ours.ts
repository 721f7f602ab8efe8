/** Metrics of our servers and runs, from the tables that register them, and Prometheus' synthetic ones. */

import { type MetricSpec, metrics, scaleMetrics, trainingMetrics } from '@hadal/protocol'
import type { RuleGroups } from '../rule-groups.ts'
import type { KnownMetric } from './known-metric.ts'

/** @internal */
export const ourMetrics: readonly KnownMetric[] = [
  ...Object.values<MetricSpec>(metrics),
  ...Object.values<KnownMetric>(scaleMetrics),
  ...Object.values<KnownMetric>(trainingMetrics),
].map(({ name, kind, labels }) => ({ name, kind, labels }))

/**
 * Metrics of every scrape.
 *
 * @internal
 */
export const scrapeMetrics: readonly KnownMetric[] = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
].map((name) => ({ name, kind: 'gauge', labels: [] }))

/**
 * What these rules record: with the labels that they set, and those by which they add up.
 *
 * @internal
 */
export function recordedMetrics({ groups }: RuleGroups): readonly KnownMetric[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => {
      if (!('record' in rule)) return []
      const by = [...rule.expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */))
      const labels = [...Object.keys(rule.labels ?? {}), ...by.filter((label) => label !== 'le')]
      return [{ name: rule.record, kind: 'gauge' as const, labels: [...new Set(labels)] }]
    }),
  )
}
