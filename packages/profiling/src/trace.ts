/** What was going on when, on which lane: the form that everything in this package reads. */

export interface Span {
  readonly name: string
  /** Micros since the trace began. */
  readonly startMicros: number
  readonly durationMicros: number
  /** What it ran on: a thread, a stream of a device, a request's place. Spans of one lane nest or follow each other. */
  readonly lane: string
  /** What kind of work it is: `operator`, `kernel`, `step`, `phase`, `request`. */
  readonly category: string
  readonly args?: Readonly<Record<string, string | number>>
}

export interface Trace {
  /** In the order of their start; on equal starts the longer first. */
  readonly spans: readonly Span[]
  readonly durationMicros: number
  /** What the reader should know of how it was made: what was left out, and why. Sentences without a full stop. */
  readonly notes?: readonly string[]
}
