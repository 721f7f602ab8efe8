/** Raw recording of a server. Times are milliseconds of one monotonic clock. */

import type { StepReport } from '@hadal/engine'

/** A reported step or pass, with engine state at that time. */
export interface RecordedStep {
  readonly model: string
  readonly report: StepReport
  /** When the report arrived, slightly after the step's end. */
  readonly reportedAt: number
  readonly waiting: number
  readonly maxBatchSize: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
}

/** A sequence of a generation request, or a whole non-generation request. */
export interface RecordedRequest {
  readonly id: string
  readonly model: string
  /** `chat`, `text_completion`, `embeddings`, `rerank` or `inference`. */
  readonly operation: string
  /** If a request has several sequences. */
  readonly choice?: number
  /** Its slot, if observed. */
  readonly slot?: number
  readonly arrivedAt: number
  /** When it was passed to the engine or upstream. */
  readonly startedAt: number
  /** When it got its slot. Absent if it never did or needs none. */
  readonly placedAt?: number
  /** End of prefill: the first text left the engine. */
  readonly computedAt?: number
  readonly firstTextAt?: number
  /** Absent while running. */
  readonly endedAt?: number
  readonly isRelayed?: boolean
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  /** Prefill chunks: time and token count. */
  readonly chunks: readonly (readonly [at: number, tokens: number])[]
  /** The error code, if it failed. */
  readonly error?: string
}

export interface Recorded {
  readonly startedAt: number
  readonly endedAt: number
  readonly steps: readonly RecordedStep[]
  readonly requests: readonly RecordedRequest[]
  /** What was dropped for lack of space, and other remarks. */
  readonly notes: readonly string[]
}
