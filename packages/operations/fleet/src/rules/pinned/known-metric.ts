/** A list of metrics that something exports, as it was at one version. */

export interface KnownMetric {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** That the exporter itself gives; those of a scrape come on top. */
  readonly labels: readonly string[]
}

export interface PinnedMetrics {
  /** The exporter. */
  readonly from: string
  /** Where the names were read. */
  readonly source: string
  readonly version: string
  readonly metrics: readonly KnownMetric[]
}

/** Many of one kind and with the same labels. */
export function metricsOf(
  kind: KnownMetric['kind'],
  labels: readonly string[],
  names: readonly string[],
): readonly KnownMetric[] {
  return names.map((name) => ({ name, kind, labels }))
}

/** What Prometheus, its operator or the usual relabeling of pods put on every series. */
export const targetLabels: readonly string[] = [
  'job',
  'instance',
  'namespace',
  'pod',
  'container',
  'service',
  'endpoint',
  'node',
]
