/** Where the spans of a trace stand, and which is next to which. Times in tenths of a micro. Pure. */

import type { RunTrace } from '@hadal/protocol'

export interface Span {
  readonly index: number
  readonly name: string
  readonly lane: number
  readonly depth: number
  readonly kind: string
  readonly start: number
  readonly length: number
}

/** What part of the trace is in sight. */
export interface View {
  readonly from: number
  readonly to: number
}

export interface Layout {
  /** Row of each lane's name; its spans stand in the rows below. */
  readonly tops: readonly number[]
  readonly rows: number
}

export function layoutOf({ lanes }: RunTrace): Layout {
  let rows = 0
  const tops = lanes.map(({ depth }) => {
    const top = rows
    rows += 1 + depth
    return top
  })
  return { tops, rows }
}

export const wholeView = ({ durationMicros }: RunTrace): View => ({
  from: 0,
  to: Math.max(1, durationMicros * 10),
})

export function spanOf({ names, classes, spans }: RunTrace, index: number): Span {
  const [name, lane, depth, kind, start, length] = spans
  return {
    index,
    name: names[name![index]!]!,
    lane: lane![index]!,
    depth: depth![index]!,
    kind: classes[kind![index]!] ?? 'other',
    start: start![index]!,
    length: length![index]!,
  }
}

export const spanCount = ({ spans }: RunTrace): number => spans[0]?.length ?? 0

/** The span in this row at this time, with some room around those too short to be hit. */
export function spanAt(
  trace: RunTrace,
  layout: Layout,
  row: number,
  time: number,
  room: number,
): number | undefined {
  const [, lane, depth, , start, length] = trace.spans
  let found: number | undefined
  for (let at = 0; at < spanCount(trace); at += 1) {
    if (layout.tops[lane![at]!]! + 1 + depth![at]! !== row) continue
    if (time < start![at]! - room || time > start![at]! + length![at]! + room) continue
    if (time >= start![at]! && time <= start![at]! + length![at]!) return at
    found = at
  }
  return found
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The span before or behind in its row, the one around it, or the first within it. */
export function neighbour(trace: RunTrace, index: number, direction: Direction): number | undefined {
  const own = spanOf(trace, index)
  const [, lane, depth, , start, length] = trace.spans
  const wanted = own.depth + (direction === 'up' ? -1 : direction === 'down' ? 1 : 0)
  const end = own.start + own.length
  let best: number | undefined
  for (let at = 0; at < spanCount(trace); at += 1) {
    if (at === index || lane![at] !== own.lane || depth![at] !== wanted) continue
    const [from, to] = [start![at]!, start![at]! + length![at]!]
    if (direction === 'up' && from <= own.start && to >= end) return at
    if (direction === 'left' && from < own.start && (best === undefined || from > start![best]!)) best = at
    const isBehind = direction === 'right' ? from >= end : from >= own.start && to <= end
    if (
      direction !== 'left' &&
      direction !== 'up' &&
      isBehind &&
      (best === undefined || from < start![best]!)
    )
      best = at
  }
  return best
}

export function matchesOf(trace: RunTrace, text: string): ReadonlySet<number> {
  const wanted = text.trim().toLowerCase()
  const found = new Set<number>()
  if (wanted === '') return found
  const fits = trace.names.map((name) => name.toLowerCase().includes(wanted))
  const [name] = trace.spans
  for (let at = 0; at < spanCount(trace); at += 1) if (fits[name![at]!]) found.add(at)
  return found
}

const shortest = 10

/** Closer by `factor` below 1, further above, around `at`; never beyond the whole. */
export function zoomed({ from, to }: View, factor: number, at: number, whole: View): View {
  const length = Math.min(whole.to - whole.from, Math.max(shortest, (to - from) * factor))
  const share = (at - from) / (to - from)
  return within({ from: at - share * length, to: at + (1 - share) * length }, whole)
}

export const moved = ({ from, to }: View, by: number, whole: View): View =>
  within({ from: from + by, to: to + by }, whole)

/** A span with a little around it. */
export function viewOf({ start, length }: Span, whole: View): View {
  const room = Math.max(shortest, length * 0.05)
  return within({ from: start - room, to: start + length + room }, whole)
}

function within({ from, to }: View, whole: View): View {
  const length = Math.min(to - from, whole.to - whole.from)
  const start = Math.min(Math.max(from, whole.from), whole.to - length)
  return { from: start, to: start + length }
}
