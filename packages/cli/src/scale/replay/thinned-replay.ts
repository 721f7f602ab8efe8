/** A replay in so many points that a screen shows: of each stretch its most engines, its latest answers, its mean load. Pure. */

import type { Replay, Workload } from '@hadal/fleet'

export interface ThinnedPoint {
  /** Of its first step, in milliseconds of the epoch. */
  readonly at: number
  /** Engines' worth of work. */
  readonly load: number
  readonly replicas: number
  readonly ready: number
  readonly backlog: number
  /** Undefined where nobody asked. */
  readonly latencyP99Millis: number | undefined
}

export function thinned(
  { columns }: Pick<Replay, 'columns'>,
  { load, startAt, stepMillis }: Workload,
  mostPoints: number,
): readonly ThinnedPoint[] {
  const count = Math.min(mostPoints, load.length)
  return Array.from({ length: count }, (_, point) => {
    const first = Math.floor((point * load.length) / count)
    const end = Math.floor(((point + 1) * load.length) / count)
    const over = (values: Float64Array | Int32Array): readonly number[] => [...values.subarray(first, end)]
    const latencies = over(columns.latencyP99Millis).filter((each) => !Number.isNaN(each))
    return {
      at: startAt + first * stepMillis,
      load: over(load).reduce((sum, each) => sum + each, 0) / (end - first),
      replicas: Math.max(...over(columns.replicas)),
      ready: Math.min(...over(columns.ready)),
      backlog: Math.max(...over(columns.backlog)),
      latencyP99Millis: latencies.length === 0 ? undefined : Math.max(...latencies),
    }
  })
}
