/**
 * What is known of one HTTP request, written down while it is answered: for its line in the access log, its timeline and
 * its span. Everybody on its way adds what they know; nobody reads it before the end. Knows no route and no dialect.
 */

import type { Clock } from '@hadal/base'
import type { GenerateEvent, PromptProgress, SamplingParams, StepReport } from '@hadal/engine'
import type { RequestSpan, TraceHeaders } from '@hadal/telemetry'

export type Operation = 'chat' | 'text_completion' | 'embeddings' | 'rerank' | 'inference'

/** What a request asked for, without what it said. */
export interface Asked {
  readonly operation: Operation
  readonly model: string
  /** As the answer is called. */
  readonly answerId?: string
  readonly choices?: number
  readonly prompts?: number
  readonly maxTokens?: number | undefined
  readonly sampling?: SamplingParams
  /** What the client said: kept only where that is wanted. */
  readonly texts?: readonly { readonly role: string; readonly text: string }[]
}

/** Of texts that were read whole, and of answers that others computed, as far as they told. */
export interface KnownUsage {
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  readonly reasoningTokens?: number
  readonly finishReason?: string
}

export interface RecordBeginning {
  readonly clock: Clock
  readonly id: string
  readonly method: string
  /** The pattern that matched, and what was asked for: without its query. */
  readonly route: string
  readonly path: string
  /** Monotonic, and since 1970. */
  readonly arrivedAt: number
  readonly arrivedWall: number
  /** The client wants its timeline with the answer. */
  readonly wantsTimeline: boolean
  /** Chunks and steps are written down, too, which costs a little. */
  readonly isFollowed: boolean
  readonly keepsTexts: boolean
  readonly span: RequestSpan | undefined
  /** For whoever is asked on behalf of this request. */
  readonly trace: TraceHeaders | undefined
}

export class RequestRecord {
  readonly beginning: RecordBeginning
  readonly sequences: SequenceRecord[] = []
  asked: Asked | undefined
  /** Who asks: a name for a key, never the key. */
  client: string | undefined
  /** The replica that answered, where there is one. */
  upstream: string | undefined
  usage: KnownUsage | undefined
  /** Monotonic: when it was known what is asked for, and when a replica's first byte came. */
  askedAt: number | undefined
  relayedAt: number | undefined
  /** The code of the error that it ended in. */
  error: string | undefined
  /** When the answer was over, monotonic, and its status. */
  ended: { readonly at: number; readonly status: number } | undefined
  /** Told when it is known what is asked for, once. */
  readonly #onAsked: (record: RequestRecord) => void

  constructor(beginning: RecordBeginning, onAsked: (record: RequestRecord) => void = () => {}) {
    this.beginning = beginning
    this.#onAsked = onAsked
  }

  /** Again where one model could not answer and the next is asked: what counts is who answers. */
  asks(asked: Asked): void {
    const isFirst = this.asked === undefined
    if (!isFirst) this.#begin()
    this.askedAt ??= this.beginning.clock.now()
    const { texts: _, ...facts } = asked
    this.asked = this.beginning.keepsTexts ? asked : facts
    if (isFirst) this.#onAsked(this)
  }

  #begin(): void {
    this.sequences.length = 0
    this.error = undefined
    this.upstream = undefined
    this.relayedAt = undefined
    this.usage = undefined
  }

  sequence(): SequenceRecord {
    const { clock, isFollowed } = this.beginning
    const sequence = new SequenceRecord(clock, isFollowed)
    this.sequences.push(sequence)
    return sequence
  }

  /** The first byte of a replica's answer is here; again when more is known of the answer. */
  relay(upstream: string, usage: KnownUsage = {}): void {
    this.upstream = upstream
    this.relayedAt ??= this.beginning.clock.now()
    this.usage = { ...this.usage, ...usage }
  }

  /** Texts of so many tokens were embedded or ranked. */
  read(promptTokens: number): void {
    this.usage = { promptTokens }
  }

  /** The answer is over, or will not be. */
  end(status: number): void {
    this.ended = { at: this.beginning.clock.now(), status }
  }

  /** Records are kept for a while; what clients said is not. */
  forgetTexts(): void {
    if (this.asked?.texts === undefined) return
    const { texts: _, ...facts } = this.asked
    this.asked = facts
  }

  /** The first error counts: others follow from it. */
  failed(code: string): void {
    this.error ??= code
  }
}

/** A part of a prompt: when it was computed, in milliseconds since its sequence had its place, and its tokens. */
export type Chunk = readonly [millis: number, tokens: number]

const maxChunks = 256

/** One sequence of a request. */
export class SequenceRecord {
  /** Monotonic, all of them. */
  readonly startedAt: number
  admittedAt: number | undefined
  firstTextAt: number | undefined
  endedAt: number | undefined
  readonly isFollowed: boolean
  promptTokens: number | undefined
  cachedTokens: number | undefined
  /** Parts of the prompt as they were computed; the first `maxChunks` of them. */
  readonly chunks: Chunk[] = []
  tokens = 0
  done: Omit<Extract<GenerateEvent, { type: 'done' }>, 'type'> | undefined
  finishReason: string | undefined
  /** Engine steps that it was in, and sequences in them. */
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

  /** One that it was in. */
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

  /** When it had its place: as the engine says, or as far as it is known here. */
  get placedAt(): number | undefined {
    const { done, startedAt, admittedAt, firstTextAt } = this
    return done === undefined ? (admittedAt ?? firstTextAt) : startedAt + done.timings.queueMillis
  }

  /** It ended before it was done. */
  cut(): void {
    this.endedAt = this.#clock.now()
  }
}
