/** Aggregates `/metrics` values: gauges, counters and histograms, summed over labels that are not requested. */

import { type MetricSample, parseMetricsText } from '@hadal/protocol'

export type Labels = Readonly<Record<string, string>>

/** By upper edge, in order, how many were no more than it. The last edge is infinite. */
export interface Histogram {
  readonly buckets: readonly { readonly le: number; readonly count: number }[]
  readonly count: number
  readonly sum: number
}

export class Scrape {
  readonly size: number
  readonly #byName = new Map<string, MetricSample[]>()
  /** By name and model: a server may have thousands of series. */
  readonly #byModel = new Map<string, MetricSample[]>()

  constructor(text: string) {
    const { samples } = parseMetricsText(text)
    this.size = samples.length
    for (const sample of samples) {
      const { name, labels } = sample
      put(this.#byName, name, sample)
      if (labels.model_name !== undefined) put(this.#byModel, keyOf(name, labels.model_name), sample)
    }
  }

  hasPrefix(prefix: string): boolean {
    return [...this.#byName.keys()].some((name) => name.startsWith(prefix))
  }

  /** Label values of all samples. */
  valuesOf(label: string): ReadonlySet<string> {
    const all = [...this.#byName.values()].flat()
    return new Set(all.flatMap(({ labels }) => labels[label] ?? []))
  }

  /** Those that have these labels. */
  of(name: string, labels: Labels = {}): readonly MetricSample[] {
    const wanted = Object.entries(labels)
    const { model_name: model } = labels
    const samples =
      (model === undefined ? this.#byName.get(name) : this.#byModel.get(keyOf(name, model))) ?? []
    return samples.filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
  }

  /** Sum of the samples; undefined if none is finite. */
  sum(name: string, labels?: Labels): number | undefined {
    const values = this.of(name, labels)
      .map(({ value }) => value)
      .filter(Number.isFinite)
    return values.length === 0 ? undefined : values.reduce((all, each) => all + each, 0)
  }

  /** The largest sample: shares must not be summed. */
  most(name: string, labels?: Labels): number | undefined {
    const values = this.of(name, labels)
      .map(({ value }) => value)
      .filter(Number.isFinite)
    return values.length === 0 ? undefined : values.reduce((most, each) => Math.max(most, each))
  }

  /** By each value of a label. */
  by(name: string, label: string, labels?: Labels): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const sample of this.of(name, labels)) {
      const key = sample.labels[label] ?? ''
      if (Number.isFinite(sample.value)) sums.set(key, (sums.get(key) ?? 0) + sample.value)
    }
    return sums
  }

  histogram(name: string, labels?: Labels): Histogram | undefined {
    const counts = new Map<number, number>()
    for (const { labels: own, value } of this.of(`${name}_bucket`, labels)) {
      const le = edgeOf(own.le)
      if (le !== undefined && Number.isFinite(value)) counts.set(le, (counts.get(le) ?? 0) + value)
    }
    if (counts.size === 0) return undefined
    let most = 0
    const buckets = [...counts]
      .sort(([a], [b]) => a - b)
      .map(([le, count]) => {
        most = Math.max(most, count)
        return { le, count: most }
      })
    return { buckets, count: most, sum: this.sum(`${name}_sum`, labels) ?? Number.NaN }
  }
}

const keyOf = (name: string, model: string): string => `${name} ${model}`

function put(index: Map<string, MetricSample[]>, key: string, sample: MetricSample): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, [sample])
  else known.push(sample)
}

function edgeOf(le: string | undefined): number | undefined {
  if (le === undefined || le === '') return undefined
  const edge = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
  return Number.isNaN(edge) ? undefined : edge
}

/** What came since; undefined where counts are less than they were, because the server began again, or edges are others. */
export function since(now: Histogram, before: Histogram): Histogram | undefined {
  if (now.count < before.count || now.buckets.length !== before.buckets.length) return undefined
  const buckets = now.buckets.map(({ le, count }, at) => ({ le, count: count - before.buckets[at]!.count }))
  if (buckets.some(({ le, count }, at) => count < 0 || le !== before.buckets[at]!.le)) return undefined
  return { buckets, count: now.count - before.count, sum: now.sum - before.sum }
}

/** As Prometheus' `histogram_quantile` has it: evenly spread in a bucket. `isAtLeast`: it is beyond the last edge. */
export function quantile(
  { buckets, count }: Histogram,
  share: number,
): { readonly value: number; readonly isAtLeast: boolean } | undefined {
  if (!(count > 0)) return undefined
  const rank = share * count
  const at = buckets.findIndex((bucket) => bucket.count >= rank)
  const found = buckets[at]
  if (found === undefined) return undefined
  const below = buckets[at - 1]
  if (found.le === Number.POSITIVE_INFINITY) return { value: below?.le ?? 0, isAtLeast: true }
  const [low, under] = [below?.le ?? Math.min(0, found.le), below?.count ?? 0]
  const part = found.count === under ? 1 : (rank - under) / (found.count - under)
  return { value: low + (found.le - low) * part, isAtLeast: false }
}

/** Undefined for no observations, and when no sum is reported. */
export const mean = ({ sum, count }: Histogram): number | undefined =>
  count > 0 && Number.isFinite(sum) ? sum / count : undefined
