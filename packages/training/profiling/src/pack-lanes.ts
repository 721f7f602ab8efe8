/** Intervals on as few lanes as they need, so that none hides another. Pure. */

export interface Interval {
  readonly from: number
  readonly to: number
  /** The lane it would like. */
  readonly wants?: number
}

/**
 * Assigns lanes: the requested one if free, else the first free one. Overlaps below `slack` count as consecutive, because clocks
 * may differ slightly.
 */
export function packLanes(intervals: readonly Interval[], slack = 0): number[] {
  const lanes: number[] = new Array(intervals.length)
  /** Until when each is taken. */
  const taken: number[] = []
  const order = intervals.map((_, at) => at).sort((a, b) => intervals[a]!.from - intervals[b]!.from)
  for (const at of order) {
    const { from, to, wants } = intervals[at]!
    const isFree = (lane: number): boolean => (taken[lane] ?? Number.NEGATIVE_INFINITY) <= from + slack
    let lane = wants !== undefined && isFree(wants) ? wants : 0
    while (!isFree(lane)) lane += 1
    taken[lane] = Math.max(to, taken[lane] ?? to)
    lanes[at] = lane
  }
  return lanes
}
