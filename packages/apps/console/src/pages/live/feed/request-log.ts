/** Recent requests from the server's feed, active and finished. Bounded. */

import type { OperatorTimeline } from '@hadal/protocol'

export interface RequestRow {
  readonly id: string
  readonly at: number
  readonly model: string
  readonly route: string
  /** Undefined while it is under way. */
  readonly timeline: OperatorTimeline | undefined
}

const maxRows = 200

/** The newest first, without changing `rows`. What the feed missed while it was away may never end: the oldest go first. */
export function withBegun(
  rows: readonly RequestRow[],
  { id, at, model, route }: Omit<RequestRow, 'timeline'>,
): readonly RequestRow[] {
  if (rows.some((row) => row.id === id)) return rows
  return [{ id, at, model, route, timeline: undefined }, ...rows].slice(0, maxRows)
}

export function withEnded(rows: readonly RequestRow[], timeline: OperatorTimeline): readonly RequestRow[] {
  const { id, at, model = '', route } = timeline
  const row = { id, at, model, route, timeline }
  const place = rows.findIndex((each) => each.id === id)
  if (place < 0) return [row, ...rows].sort((one, other) => other.at - one.at).slice(0, maxRows)
  return rows.with(place, row)
}

/** Those under way are no more known after the feed was away. */
export const withoutOpen = (rows: readonly RequestRow[]): readonly RequestRow[] =>
  rows.filter(({ timeline }) => timeline !== undefined)
