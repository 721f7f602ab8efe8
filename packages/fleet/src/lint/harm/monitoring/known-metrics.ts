/** Names of metrics that are known whole, by family: what is called so and is not among them exists nowhere. */

import { metrics, trainingMetrics } from '@hadal/protocol'

type Kind = 'counter' | 'gauge' | 'histogram'

const specs: readonly { readonly name: string; readonly kind: Kind }[] = [
  ...Object.values(metrics),
  ...Object.values(trainingMetrics),
]

const series = ({ name, kind }: { readonly name: string; readonly kind: Kind }): readonly string[] =>
  kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]

/** Series that a Hadal server, its gateway and its training runs export. */
export const hadalSeries: ReadonlySet<string> = new Set(specs.flatMap(series))

/** Gauges: of Hadal, and those of the DCGM exporter, whose counters are few. */
export function isKnownGauge(name: string): boolean {
  if (/^DCGM_FI_(DEV|PROF)_/.test(name)) return dcgmGauges.test(name)
  return specs.some((spec) => spec.name === name && spec.kind === 'gauge')
}

const dcgmGauges =
  /GPU_UTIL|MEM_COPY_UTIL|FB_(USED|FREE|RESERVED|TOTAL)|POWER_USAGE|_TEMP$|_CLOCK$|XID_ERRORS|_ACTIVE$/

export const isKnownCounter = (name: string): boolean =>
  specs.some(
    (spec) =>
      (spec.kind === 'counter' && spec.name === name) ||
      (spec.kind === 'histogram' && series(spec).includes(name)),
  )
