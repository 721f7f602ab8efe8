/** Downsamples a replay to the points of a screen: per interval the maximum of engines and latency, and mean load. Pure. */

import type { Replay, Workload } from '@hadal/fleet'

export interface ThinnedPoint {
  /** Time of its first step, in epoch milliseconds. */
  readonly at: number
  /** Engines' worth of work. */
  readonly load: number
  readonly replicas: number
  readonly ready: number
  readonly backlog: number
  /** Undefined when it was not requested. */
  readonly latencyP99Millis: number | undefined
}

export function thinned(
  { columns }: Pick<Replay, 'columns'>,
  { load, startAt, stepMillis }: Workload,
  maxPoints: number,
): readonly ThinnedPoint[] {
  const count = Math.max(1, Math.min(maxPoints, load.length))
  return Array.from({ length: count }, (_, point) => {
    const first = Math.floor((point * load.length) / count)
    const end = Math.floor(((point + 1) * load.length) / count)
    // No spreading: a stretch may have a million steps.
    const over = (values: Float64Array | Int32Array, pick: (a: number, b: number) => number): number =>
      (values.subarray(first, end) as Float64Array).reduce((so, each) => pick(so, each))
    const latency = over(columns.latencyP99Millis, (a, b) => (b > a || Number.isNaN(a) ? b : a))
    return {
      at: startAt + first * stepMillis,
      load: over(load, (a, b) => a + b) / (end - first),
      replicas: over(columns.replicas, Math.max),
      ready: over(columns.ready, Math.min),
      backlog: over(columns.backlog, Math.max),
      latencyP99Millis: Number.isNaN(latency) ? undefined : latency,
    }
  })
}
