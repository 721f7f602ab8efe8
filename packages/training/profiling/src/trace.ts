/** Spans on lanes over time: the common data model of this package. */

export interface Span {
  readonly name: string
  /** Micros since the trace began. */
  readonly startMicros: number
  readonly durationMicros: number
  /** Where it ran: a thread, a stream of a device, a request's slot. Spans of one lane nest or follow each other. */
  readonly lane: string
  /** What kind of work it is: `operator`, `kernel`, `step`, `phase`, `request`. See `categories.ts`. */
  readonly category: string
  readonly args?: Readonly<Record<string, string | number>>
}

export interface Trace {
  /** In the order of their start; on equal starts the longer first. */
  readonly spans: readonly Span[]
  readonly durationMicros: number
  /** What was omitted and why, for users. */
  readonly notes?: readonly string[]
}

/** The order of a trace. */
export const byStart = (one: Span, other: Span): number =>
  one.startMicros - other.startMicros || other.durationMicros - one.durationMicros

/** `spans` in any order as a trace that ends with the last of them. */
export function traceOf(spans: readonly Span[], notes?: readonly string[]): Trace {
  let durationMicros = 0
  for (const span of spans) durationMicros = Math.max(durationMicros, span.startMicros + span.durationMicros)
  const sorted = spans.toSorted(byStart)
  return { spans: sorted, durationMicros, ...(notes && notes.length > 0 && { notes }) }
}
