/** What was seen of a server while it was watched, before anything is made of it. Milliseconds, by one monotonic clock. */

import type { StepReport } from '@hadal/engine'

/** A step or a pass as it was told of, and how its engine stood then. */
export interface RecordedStep {
  readonly model: string
  readonly report: StepReport
  /** When the report came, which is a little after its end. */
  readonly toldAt: number
  readonly waiting: number
  readonly maxBatchSize: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
}

/** A sequence of a request that generates, or the whole of one that does not. */
export interface RecordedRequest {
  readonly id: string
  readonly model: string
  /** `chat`, `text_completion`, `embeddings`, `rerank` or `inference`. */
  readonly operation: string
  /** Where several sequences answer one request. */
  readonly choice?: number
  /** The place it had, where that was seen. */
  readonly slot?: number
  readonly arrivedAt: number
  /** Handed to the engine, or to the replica that answered. */
  readonly startedAt: number
  /** Has its place in the batch. Absent of one that never had it, and of what has no place. */
  readonly placedAt?: number
  /** Its prompt was computed, and its first text left the engine. */
  readonly computedAt?: number
  readonly firstTextAt?: number
  /** Absent while it runs. */
  readonly endedAt?: number
  readonly isRelayed?: boolean
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  /** Parts of the prompt: when each was computed, and its tokens. */
  readonly chunks: readonly (readonly [at: number, tokens: number])[]
  /** The code it ended in. */
  readonly error?: string
}

export interface Recorded {
  readonly startedAt: number
  readonly endedAt: number
  readonly steps: readonly RecordedStep[]
  readonly requests: readonly RecordedRequest[]
  /** What there was no room for, and what else the reader should know. */
  readonly notes: readonly string[]
}
