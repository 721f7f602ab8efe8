/** A request from its first `next()` to its last event: its messages to the process, and the events for its reader. */

import type { FinishReason, GenerateEvent, GenerateRequest, SlotInfo } from '../engine.ts'
import type { EventChannel } from './event-channel.ts'
import type { SequenceEvent, StartSequence, WireError } from './messages.ts'

export class Ticket {
  readonly start: StartSequence
  /** The request's id. */
  readonly #id: string
  readonly #channel: EventChannel<GenerateEvent>
  readonly #onEnd: () => void
  readonly #reportsProgress: boolean
  readonly #arrivedAt: number
  #sentAt: number | undefined
  #admittedAt: number | undefined
  #firstTokenAt: number | undefined
  #isFirst = false
  #slot: number | undefined
  #promptTokens = 0
  #cachedTokens = 0
  /** Prompt tokens. */
  #computedTokens = 0
  #completionTokens = 0
  #drafts: { readonly draftTokens?: number; readonly acceptedDraftTokens?: number } = {}

  /** `onEnd` is called with the last event, whatever it is. */
  constructor(
    { id, reportsProgress = false }: Pick<GenerateRequest, 'id' | 'reportsProgress'>,
    start: StartSequence,
    channel: EventChannel<GenerateEvent>,
    now: number,
    onEnd: () => void,
  ) {
    this.#id = id
    this.start = start
    this.#channel = channel
    this.#arrivedAt = now
    this.#onEnd = onEnd
    this.#reportsProgress = reportsProgress
  }

  get id(): string {
    return this.#id
  }

  get key(): number {
    return this.start.key
  }

  sent(now: number): void {
    this.#sentAt = now
  }

  /** Whether the last event was the first text. */
  get isFirst(): boolean {
    return this.#isFirst
  }

  /** Undefined until it has a slot. */
  get place(): SlotInfo | undefined {
    if (this.#slot === undefined) return undefined
    return {
      slot: this.#slot,
      id: this.#id,
      promptTokens: this.#promptTokens,
      // The newest token is computed in the next step.
      computedTokens: this.#computedTokens + Math.max(0, this.#completionTokens - 1),
      generatedTokens: this.#completionTokens,
    }
  }

  /** Handles an event of the process. Returns the error that ended it, `true` for another end, `false` if it continues. */
  receive(event: SequenceEvent, now: number): WireError | boolean {
    if ('promptTokens' in event) {
      this.#admittedAt = now
      this.#slot = event.slot
      this.#promptTokens = event.promptTokens
      this.#cachedTokens = event.cachedTokens
      this.#progress(event.cachedTokens, 0)
      return false
    }
    if ('movedTo' in event) {
      this.#slot = event.movedTo ?? undefined
      return false
    }
    if ('computedTokens' in event) {
      this.#progress(event.computedTokens, event.millis)
      return false
    }
    if ('described' in event) {
      this.#channel.push({ type: 'prompt', tokens: event.described })
      return false
    }
    if ('text' in event) {
      const { text, tokenCount, logprobs, tokens } = event
      this.#isFirst = this.#firstTokenAt === undefined
      this.#firstTokenAt ??= now
      this.#completionTokens += tokenCount
      this.#channel.push({ type: 'delta', text, tokenCount, logprobs, tokens })
      return false
    }
    if ('error' in event) return event.error
    const { done, stopString, stopToken, waitMillis, prefillMillis, decodeMillis } = event
    this.#completionTokens = event.completionTokens
    this.#drafts = event.drafts ?? {}
    const queueMillis = this.#sentAt! - this.#arrivedAt + waitMillis
    this.#end(done, { queueMillis, prefillMillis, decodeMillis }, stopString, stopToken)
    return true
  }

  /** Reports counts and times as far as they are known here. */
  cancel(now: number): void {
    const admittedAt = this.#admittedAt ?? now
    const firstTokenAt = this.#firstTokenAt ?? now
    this.#end('cancelled', {
      queueMillis: admittedAt - this.#arrivedAt,
      prefillMillis: firstTokenAt - admittedAt,
      decodeMillis: now - firstTokenAt,
    })
  }

  fail(error: Error): void {
    this.#channel.fail(error)
    this.#onEnd()
  }

  #progress(computedTokens: number, millis: number): void {
    this.#computedTokens = computedTokens
    if (!this.#reportsProgress) return
    const [promptTokens, cachedTokens] = [this.#promptTokens, this.#cachedTokens]
    this.#channel.push({ type: 'progress', promptTokens, cachedTokens, computedTokens, millis })
  }

  #end(
    finishReason: FinishReason,
    timings: { queueMillis: number; prefillMillis: number; decodeMillis: number },
    stopString?: string,
    stopToken?: number,
  ): void {
    this.#channel.push({
      type: 'done',
      finishReason,
      ...(stopString !== undefined && { stopString }),
      ...(stopToken !== undefined && { stopToken }),
      usage: {
        promptTokens: this.#promptTokens,
        cachedTokens: this.#cachedTokens,
        completionTokens: this.#completionTokens,
        ...this.#drafts,
      },
      timings,
    })
    this.#channel.close()
    this.#onEnd()
  }
}
