/** When compiled code ran on a lane, as intervals that do not overlap. */

import { nativeCategories, waitCategory } from '../categories.ts'
import type { Trace } from '../trace.ts'

export interface Interval {
  readonly start: number
  readonly end: number
  /** Indices of the first and the last span in it. */
  readonly first: number
  readonly last: number
}

export interface LaneTimes {
  readonly native: readonly Interval[]
  readonly waits: readonly Interval[]
}

/** Times of every lane. */
export function laneTimes({ spans }: Trace): Map<string, LaneTimes> {
  const lanes = new Map<string, { native: Interval[]; waits: Interval[] }>()
  for (let index = 0; index < spans.length; index += 1) {
    const { category, lane } = spans[index]!
    const isNative = nativeCategories.has(category)
    if (!isNative && category !== waitCategory) continue
    let times = lanes.get(lane)
    if (!times) {
      times = { native: [], waits: [] }
      lanes.set(lane, times)
    }
    extend(isNative ? times.native : times.waits, spans[index]!, index)
  }
  return lanes
}

function extend(
  intervals: Interval[],
  { startMicros, durationMicros }: { readonly startMicros: number; readonly durationMicros: number },
  index: number,
): void {
  const end = startMicros + durationMicros
  const open = intervals.at(-1)
  if (open && startMicros <= open.end) {
    if (end > open.end) intervals[intervals.length - 1] = { ...open, end, last: index }
  } else intervals.push({ start: startMicros, end, first: index, last: index })
}

/** Several lists as one, in order and without overlap. */
export function united(lists: readonly (readonly Interval[])[]): Interval[] {
  const all = lists.flat().sort((one, other) => one.start - other.start)
  const merged: Interval[] = []
  for (const interval of all) {
    const open = merged.at(-1)
    if (!open || interval.start > open.end) merged.push(interval)
    else if (interval.end > open.end)
      merged[merged.length - 1] = { ...open, end: interval.end, last: interval.last }
  }
  return merged
}

/** Their parts between two times. */
export function* between(intervals: readonly Interval[], start: number, end: number): Generator<Interval> {
  for (let index = firstEndingAfter(intervals, start); index < intervals.length; index += 1) {
    const interval = intervals[index]!
    if (interval.start >= end) return
    yield { ...interval, start: Math.max(start, interval.start), end: Math.min(end, interval.end) }
  }
}

export function lengthBetween(intervals: readonly Interval[], start: number, end: number): number {
  let length = 0
  for (const interval of between(intervals, start, end)) length += interval.end - interval.start
  return length
}

function firstEndingAfter(intervals: readonly Interval[], time: number): number {
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (intervals[middle]!.end > time) high = middle
    else low = middle + 1
  }
  return low
}
