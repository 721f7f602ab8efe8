/** What an answer of `/metrics` has, in Prometheus' text format: names, kinds and labels. Values are not read. */

import type { KnownMetric } from './pinned/known-metric.ts'

const typeLine = /^# TYPE (\S+) (counter|gauge|histogram)\s*$/
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? /
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\.)*"/g

/** Metrics that have a sample: one that is only declared is not there for a rule. Lines that are neither are passed over. */
export function exportedMetrics(text: string): readonly KnownMetric[] {
  const kinds = new Map<string, KnownMetric['kind']>()
  const labelsOf = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [, typed, kind] = typeLine.exec(line) ?? []
    if (typed !== undefined) kinds.set(typed, kind as KnownMetric['kind'])
    const [, sample, pairs = ''] = sampleLine.exec(line) ?? []
    if (sample === undefined) continue
    const name = familyOf(sample, kinds)
    const labels = labelsOf.get(name) ?? new Set()
    labelsOf.set(name, labels)
    for (const [, label = ''] of pairs.matchAll(labelPair)) if (label !== 'le') labels.add(label)
  }
  return [...labelsOf].map(([name, labels]) => ({
    name,
    kind: kinds.get(name) ?? 'gauge',
    labels: [...labels],
  }))
}

/** `x_bucket` is of the histogram `x`. */
function familyOf(sample: string, kinds: ReadonlyMap<string, KnownMetric['kind']>): string {
  const family = sample.replace(/_(bucket|sum|count)$/, '')
  return kinds.get(family) === 'histogram' ? family : sample
}
