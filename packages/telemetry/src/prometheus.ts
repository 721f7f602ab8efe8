/** Registers the metric table of `@hadal/protocol` with prom-client. Knows nothing of when a metric moves. */

import { buckets, type MetricSpec, metrics } from '@hadal/protocol'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

type Table = typeof metrics
interface ByKind {
  readonly counter: Counter
  readonly gauge: Gauge
  readonly histogram: Histogram
}
export type Registered = { readonly [Key in keyof Table]: ByKind[Table[Key]['kind']] }

export function register(registry: Registry): Registered {
  const entries = Object.entries<MetricSpec>(metrics).map(([key, spec]) => {
    const options = { name: spec.name, help: spec.help, labelNames: spec.labels, registers: [registry] }
    if (spec.kind === 'counter') return [key, new Counter(options)]
    if (spec.kind === 'gauge') return [key, new Gauge(options)]
    return [key, new Histogram({ ...options, buckets: [...buckets[spec.buckets ?? 'request']] })]
  })
  return Object.fromEntries(entries) as Registered
}
