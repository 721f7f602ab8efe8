/** The last requests of a server as its feed tells of them: those under way, and those that are over. Bounded. */

/** As GET /hadal/timeline has it; milliseconds since the request came, but `at`, which is since 1970. */
export interface RequestTimeline {
  readonly id: string
  readonly at: number
  readonly model?: string
  readonly route: string
  readonly status?: number
  readonly millis: number
  readonly error?: string
  readonly client?: string
  readonly upstream?: string
  readonly usage?: { readonly promptTokens?: number; readonly completionTokens?: number }
  readonly sequences: readonly SequenceTimes[]
  readonly mates?: { readonly count: number; readonly ids: readonly string[] }
}

export interface SequenceTimes {
  readonly startMillis: number
  readonly queueMillis?: number
  readonly prefillMillis?: number
  readonly decodeMillis?: number
  readonly firstTokenMillis?: number
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens: number
  readonly draftTokens?: number
  readonly acceptedDraftTokens?: number
  readonly finishReason?: string
  readonly chunks?: readonly (readonly [at: number, tokens: number])[]
  readonly steps?: { readonly count: number; readonly meanRunning: number; readonly mostRunning: number }
}

export interface RequestRow {
  readonly id: string
  readonly at: number
  readonly model: string
  readonly route: string
  /** Undefined while it is under way. */
  readonly timeline: RequestTimeline | undefined
}

const mostRows = 200

/** The newest first, without changing `rows`. What the feed missed while it was away may never end: the oldest go first. */
export function withBegun(
  rows: readonly RequestRow[],
  { id, at, model, route }: Omit<RequestRow, 'timeline'>,
): readonly RequestRow[] {
  if (rows.some((row) => row.id === id)) return rows
  return [{ id, at, model, route, timeline: undefined }, ...rows].slice(0, mostRows)
}

export function withEnded(rows: readonly RequestRow[], timeline: RequestTimeline): readonly RequestRow[] {
  const { id, at, model = '', route } = timeline
  const row = { id, at, model, route, timeline }
  const place = rows.findIndex((each) => each.id === id)
  if (place < 0) return [row, ...rows].sort((one, other) => other.at - one.at).slice(0, mostRows)
  return rows.with(place, row)
}

/** Those under way are no more known after the feed was away. */
export const withoutOpen = (rows: readonly RequestRow[]): readonly RequestRow[] =>
  rows.filter(({ timeline }) => timeline !== undefined)
