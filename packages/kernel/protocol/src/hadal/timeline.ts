/**
 * How one request went, as the header and the comment `x-hadal-timeline` bring it to its client and GET /hadal/timeline to
 * administrators.
 */

/** Milliseconds since the request came, unless something else is said. */
export interface SequenceTimes {
  /** When it was handed to the engine: until then the request was read and its prompt written. */
  readonly startMillis: number
  /** One after another. */
  readonly queueMillis?: number
  readonly prefillMillis?: number
  readonly decodeMillis?: number
  /** When its first text left the engine. */
  readonly firstTokenMillis?: number
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens: number
  readonly draftTokens?: number
  readonly acceptedDraftTokens?: number
  readonly finishReason?: string
  /** Parts of the prompt that were computed: when each was done, and its tokens. */
  readonly chunks?: readonly (readonly [at: number, tokens: number])[]
  /** Of those, as many are not shown. */
  readonly chunksLeftOut?: number
  /** Engine steps while it had its place, and sequences in them, itself included. */
  readonly steps?: { readonly count: number; readonly meanRunning: number; readonly mostRunning: number }
}

/**
 * When a request came, waited, was computed and answered.
 *
 * @example
 * ```ts
 * import type { OperatorTimeline } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/timeline?recent=10', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const { requests } = (await response.json()) as { requests: readonly OperatorTimeline[] }
 * ```
 */
export interface RequestTimeline {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly model?: string
  readonly route: string
  /** Absent while it is being answered. */
  readonly status?: number
  readonly millis: number
  readonly error?: string
  readonly upstream?: string
  /** Where there are no sequences: texts that were read whole, and answers of others. */
  readonly usage?: TimelineUsage
  readonly sequences: readonly SequenceTimes[]
  /** Sequences that there is no room for. */
  readonly sequencesLeftOut?: number
}

/** Of the live feed, which only operators read. */
export interface OperatorTimeline extends RequestTimeline {
  readonly client?: string
  /** Requests of the same model that were computed at the same time: some of them by name. */
  readonly mates: { readonly count: number; readonly ids: readonly string[] }
}

export interface TimelineUsage {
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  readonly reasoningTokens?: number
  readonly finishReason?: string
}
