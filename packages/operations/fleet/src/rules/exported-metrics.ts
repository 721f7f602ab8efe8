/** Parses a `/metrics` response in Prometheus' text format: names, kinds and labels, without values. */

import { parseMetricsText } from '@hadal/protocol'
import type { KnownMetric } from './pinned/known-metric.ts'

/**
 * Metrics that have a sample: one that is only declared is not there for a rule.
 *
 * @internal
 */
export function exportedMetrics(text: string): readonly KnownMetric[] {
  const { samples, kinds } = parseMetricsText(text)
  const labelsOf = new Map<string, Set<string>>()
  for (const sample of samples) {
    const name = familyOf(sample.name, kinds)
    const labels = labelsOf.get(name) ?? new Set()
    labelsOf.set(name, labels)
    for (const label of Object.keys(sample.labels)) if (label !== 'le') labels.add(label)
  }
  return [...labelsOf].map(([name, labels]) => ({
    name,
    kind: kindOf(kinds.get(name)),
    labels: [...labels],
  }))
}

/** The kinds that rules distinguish; undeclared metrics count as gauges. */
const kindOf = (declared: string | undefined): KnownMetric['kind'] =>
  declared === 'counter' || declared === 'histogram' ? declared : 'gauge'

/** `x_bucket` is of the histogram `x`. */
function familyOf(sample: string, kinds: ReadonlyMap<string, string>): string {
  const family = sample.replace(/_(bucket|sum|count)$/, '')
  return kinds.get(family) === 'histogram' ? family : sample
}
