/** Histograms of /metrics: observations between two polls, and their quantiles. Pure. */

import type { MetricSample } from '@hadal/protocol'

export interface Histogram {
  /** Upper edges in seconds, rising; the last is infinite. */
  readonly edges: readonly number[]
  /** Observations up to each edge, since the server began. */
  readonly counts: readonly number[]
}

/** Undefined where the server has none of that name for the model. */
export function histogramOf(
  samples: readonly MetricSample[],
  name: string,
  model: string,
): Histogram | undefined {
  const bucket = `${name}_bucket`
  const pairs = samples
    .filter((sample) => sample.name === bucket && sample.labels.model_name === model)
    .map(({ labels, value }) => ({ edge: edgeOf(labels.le), value }))
    .filter(({ edge }) => !Number.isNaN(edge))
    .sort((one, other) => one.edge - other.edge)
  if (pairs.length === 0) return undefined
  return { edges: pairs.map(({ edge }) => edge), counts: pairs.map(({ value }) => value) }
}

/** What came after `before`. Where the counts are lower than they were, the server began anew: then all of `now`. */
export function since(before: Histogram | undefined, now: Histogram): Histogram {
  if (before === undefined || before.counts.length !== now.counts.length) return now
  const counts = now.counts.map((count, at) => count - before.counts[at]!)
  return counts.some((count) => count < 0) ? now : { edges: now.edges, counts }
}

/**
 * As Prometheus' histogram_quantile: evenly spread within a bucket; beyond the last finite edge, that edge. Undefined where
 * nothing was observed.
 */
export function quantile({ edges, counts }: Histogram, share: number): number | undefined {
  const all = counts.at(-1) ?? 0
  if (all <= 0) return undefined
  const rank = share * all
  const at = counts.findIndex((count) => count >= rank)
  const edge = edges[at]!
  if (edge === Number.POSITIVE_INFINITY) return edges.at(-2)
  const [low, below] = at === 0 ? [0, 0] : [edges[at - 1]!, counts[at - 1]!]
  const within = counts[at]! - below
  return within <= 0 ? edge : low + ((edge - low) * (rank - below)) / within
}

const edgeOf = (text: string | undefined): number =>
  text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text ?? Number.NaN)
