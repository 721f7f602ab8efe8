/** Registers a metric table of `@hadal/protocol` with prom-client. */

import { buckets, type MetricSpec, type metrics } from '@hadal/protocol'
import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client'

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
    const metric = create(registry, spec)
    if (spec.formerly !== undefined) registry.registerMetric(aliasOf(metric, spec.name, spec.formerly))
    return [key, metric]
  })
  return Object.fromEntries(entries) as RegisteredTable<Specs>
}

function create(registry: Registry, spec: MetricSpec): Counter | Gauge | Histogram {
  const options = { name: spec.name, help: spec.help, labelNames: spec.labels, registers: [registry] }
  if (spec.kind === 'counter') return new Counter(options)
  if (spec.kind === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: [...buckets[spec.buckets ?? 'request']] })
}

/** The same values under the deprecated name and labels. */
function aliasOf(
  metric: Counter | Gauge | Histogram,
  name: string,
  { name: oldName, labels = {} }: NonNullable<MetricSpec['formerly']>,
): Metric {
  const rename = (value: Value): Value => ({
    ...value,
    ...(value.metricName !== undefined && { metricName: value.metricName.replace(name, oldName) }),
    labels: Object.fromEntries(
      Object.entries(value.labels).map(([label, text]) => [labels[label] ?? label, text]),
    ),
  })
  const get = async () => {
    const current = await metric.get()
    return { ...current, name: oldName, help: `Deprecated: use ${name}.`, values: current.values.map(rename) }
  }
  return { name: oldName, get, reset() {} } as unknown as Metric
}

/** A sample in prom-client's format; samples of histograms have separate names with suffixes such as `_bucket`. */
interface Value {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
}
