/**
 * The timeline of one request, as returned to its client in the header and the comment `x-hadal-timeline`, and to
 * administrators by GET /hadal/timeline.
 */

/** Milliseconds since the request arrived, unless noted otherwise. */
export interface SequenceTimes {
  /** When it was sent to the engine, after parsing and templating. */
  readonly startMillis: number
  /** Consecutive phases. */
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
  /** Prefill chunks: when each was done, and its tokens. */
  readonly chunks?: readonly (readonly [at: number, tokens: number])[]
  /** Number of omitted chunks. */
  readonly chunksLeftOut?: number
  /** Engine steps while it had a slot, and the sequences in them, including itself. */
  readonly steps?: { readonly count: number; readonly meanRunning: number; readonly mostRunning: number }
}

/**
 * When a request arrived, waited, was computed and was answered.
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
  /** Absent while it is running. */
  readonly status?: number
  readonly millis: number
  readonly error?: string
  readonly upstream?: string
  /** For requests without sequences: embeddings, and responses of upstreams. */
  readonly usage?: TimelineUsage
  readonly sequences: readonly SequenceTimes[]
  /** Number of omitted sequences. */
  readonly sequencesLeftOut?: number
}

/** For the live feed, which only operators can read. */
export interface OperatorTimeline extends RequestTimeline {
  readonly client?: string
  /** Requests of the same model computed at the same time, some of them by id. */
  readonly mates: { readonly count: number; readonly ids: readonly string[] }
}

export interface TimelineUsage {
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  readonly reasoningTokens?: number
  readonly finishReason?: string
}
