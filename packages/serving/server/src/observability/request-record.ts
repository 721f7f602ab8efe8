/**
 * Data of one HTTP request, collected while it is processed, for its access log line, timeline and span. Everything on its path adds to it;
 * it is read at the end.
 */

import type { Clock } from '@hadal/base'
import type { GenerateEvent, PromptProgress, SamplingParams, StepReport } from '@hadal/engine'
import type { RequestSpan, TraceHeaders } from '@hadal/telemetry'

export type Operation = 'chat' | 'text_completion' | 'embeddings' | 'rerank' | 'inference'

/** Parameters of a request, without its texts. */
export interface Requested {
  readonly operation: Operation
  readonly model: string
  /** Id of the response. */
  readonly answerId?: string
  readonly choices?: number
  readonly prompts?: number
  readonly maxTokens?: number | undefined
  readonly sampling?: SamplingParams
  /** The client's texts; kept only if prompts are logged. */
  readonly texts?: readonly { readonly role: string; readonly text: string }[]
}

/** Usage of embeddings, rankings and proxied responses, as far as reported. */
export interface KnownUsage {
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  readonly reasoningTokens?: number
  readonly finishReason?: string
}

export interface RecordStart {
  readonly clock: Clock
  readonly id: string
  readonly method: string
  /** The matched pattern and the requested path, without the query. */
  readonly route: string
  readonly path: string
  /** Monotonic time and Unix time. */
  readonly arrivedAt: number
  readonly arrivedWall: number
  /** The client requested its timeline with the response. */
  readonly wantsTimeline: boolean
  /** Chunks and steps are recorded too, at a small cost. */
  readonly isFollowed: boolean
  readonly keepsTexts: boolean
  readonly span: RequestSpan | undefined
  /** Trace context for upstream requests. */
  readonly trace: TraceHeaders | undefined
}

export class RequestRecord {
  readonly start: RecordStart
  readonly sequences: SequenceRecord[] = []
  requested: Requested | undefined
  /** The client: a name derived from its key, never the key. */
  client: string | undefined
  /** The upstream replica that responded, if any. */
  upstream: string | undefined
  usage: KnownUsage | undefined
  /** Monotonic: when the request was parsed, and when an upstream's first byte arrived. */
  requestedAt: number | undefined
  relayedAt: number | undefined
  /** Code of the error that ended the request. */
  error: string | undefined
  /** Monotonic end of the response, and its status. */
  ended: { readonly at: number; readonly status: number } | undefined
  /** Called once, when the request is parsed. */
  readonly #onRequested: (record: RequestRecord) => void

  constructor(start: RecordStart, onRequested: (record: RequestRecord) => void = () => {}) {
    this.start = start
    this.#onRequested = onRequested
  }

  /** Called again for each fallback model; the one that responds counts. */
  asks(requested: Requested): void {
    const isFirst = this.requested === undefined
    if (!isFirst) this.#begin()
    this.requestedAt ??= this.start.clock.now()
    const { texts: _, ...facts } = requested
    this.requested = this.start.keepsTexts ? requested : facts
    if (isFirst) this.#onRequested(this)
  }

  #begin(): void {
    this.sequences.length = 0
    this.error = undefined
    this.upstream = undefined
    this.relayedAt = undefined
    this.usage = undefined
  }

  sequence(): SequenceRecord {
    const { clock, isFollowed } = this.start
    const sequence = new SequenceRecord(clock, isFollowed)
    this.sequences.push(sequence)
    return sequence
  }

  /** Called on the first byte of an upstream's response, and again as more is known. */
  relay(upstream: string, usage: KnownUsage = {}): void {
    this.upstream = upstream
    this.relayedAt ??= this.start.clock.now()
    this.usage = { ...this.usage, ...usage }
  }

  /** Adds embedded or ranked tokens. */
  read(promptTokens: number): void {
    this.usage = { promptTokens }
  }

  /** The response has ended or was abandoned. */
  end(status: number): void {
    this.ended = { at: this.start.clock.now(), status }
  }

  /** Drops client texts, because records are kept for a while. */
  forgetTexts(): void {
    if (this.requested?.texts === undefined) return
    const { texts: _, ...facts } = this.requested
    this.requested = facts
  }

  /** Keeps the first error; later ones are consequences. */
  failed(code: string): void {
    this.error ??= code
  }
}

/** A prefill chunk: time in milliseconds since the sequence got its slot, and token count. */
export type Chunk = readonly [millis: number, tokens: number]

const maxChunks = 256

/** One sequence of a request. */
export class SequenceRecord {
  /** All times are monotonic. */
  readonly startedAt: number
  admittedAt: number | undefined
  firstTextAt: number | undefined
  endedAt: number | undefined
  readonly isFollowed: boolean
  promptTokens: number | undefined
  cachedTokens: number | undefined
  /** Prefill chunks; the first `maxChunks` of them. */
  readonly chunks: Chunk[] = []
  tokens = 0
  done: Omit<Extract<GenerateEvent, { type: 'done' }>, 'type'> | undefined
  finishReason: string | undefined
  /** Engine steps of the sequence, and their batch sizes. */
  steps = 0
  runningSum = 0
  runningMost = 0
  readonly #clock: Clock
  #computedTokens = 0

  constructor(clock: Clock, isFollowed: boolean) {
    this.#clock = clock
    this.startedAt = clock.now()
    this.isFollowed = isFollowed
  }

  /** Adds one step. */
  step({ running }: StepReport): void {
    this.steps += 1
    this.runningSum += running
    this.runningMost = Math.max(this.runningMost, running)
  }

  progress(event: PromptProgress): void {
    if (this.admittedAt === undefined) {
      this.admittedAt = this.#clock.now()
      this.promptTokens = event.promptTokens
      this.cachedTokens = event.cachedTokens
      this.#computedTokens = event.cachedTokens
    }
    const tokens = event.computedTokens - this.#computedTokens
    if (tokens <= 0) return
    this.#computedTokens = event.computedTokens
    if (this.chunks.length < maxChunks) this.chunks.push([event.millis, tokens])
  }

  wrote(tokens: number): void {
    this.firstTextAt ??= this.#clock.now()
    this.tokens += tokens
  }

  finished(done: NonNullable<SequenceRecord['done']>, finishReason: string): void {
    this.done = done
    this.finishReason = finishReason
    this.endedAt = this.#clock.now()
  }

  /** When it got its slot, as the engine reports or as estimated here. */
  get placedAt(): number | undefined {
    const { done, startedAt, admittedAt, firstTextAt } = this
    return done === undefined ? (admittedAt ?? firstTextAt) : startedAt + done.timings.queueMillis
  }

  /** It was cancelled. */
  cut(): void {
    this.endedAt = this.#clock.now()
  }
}
