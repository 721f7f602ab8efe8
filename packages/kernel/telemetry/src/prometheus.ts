/** Registers a metric table of `@hadal/protocol` with prom-client. */

import { buckets, type MetricSpec, type metrics } from '@hadal/protocol'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

type Table = Readonly<Record<string, MetricSpec>>
interface ByKind {
  readonly counter: Counter
  readonly gauge: Gauge
  readonly histogram: Histogram
}
export type RegisteredTable<Specs extends Table> = {
  readonly [Key in keyof Specs]: ByKind[Specs[Key]['kind']]
}
/** The metrics of a server. */
export type Registered = RegisteredTable<typeof metrics>

export function register<Specs extends Table>(registry: Registry, table: Specs): RegisteredTable<Specs> {
  const entries = Object.entries<MetricSpec>(table).map(([key, spec]) => {
    const options = { name: spec.name, help: spec.help, labelNames: spec.labels, registers: [registry] }
    if (spec.kind === 'counter') return [key, new Counter(options)]
    if (spec.kind === 'gauge') return [key, new Gauge(options)]
    return [key, new Histogram({ ...options, buckets: [...buckets[spec.buckets ?? 'request']] })]
  })
  return Object.fromEntries(entries) as RegisteredTable<Specs>
}
