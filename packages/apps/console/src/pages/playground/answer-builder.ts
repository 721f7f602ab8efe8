/** Accumulates stream chunks to a message. Appending is cheap; a snapshot costs only what changed since the last one. */

import type { ChatChunk, ChatDelta, ChatLogprobs, RequestTimeline, Usage } from '@hadal/protocol'
import type { Message, MessageError, MessageState, Part, Token, TokenUsage } from './conversation.ts'

type Choice = ChatChunk['choices'][number]

interface GrowingText {
  readonly type: 'text' | 'reasoning'
  text: string
  /** Undefined if the first text had no tokens. */
  tokens: Token[] | undefined
  readonly startedAt: number
  millis: number | undefined
}

interface GrowingCall {
  readonly type: 'tool_call'
  readonly index: number
  id: string
  name: string
  arguments: string
}

type Growing = GrowingText | GrowingCall

export class AnswerBuilder {
  #message: Message
  readonly #parts: (Growing | { readonly done: Part })[]
  readonly #sentAt: number
  #isDirty = false

  /** `message` may have parts already; the response continues them. `now` is in milliseconds, also in the methods below. */
  constructor(message: Message, now: number) {
    this.#message = message
    this.#sentAt = now
    this.#parts = message.parts.map((part, index) =>
      part.type === 'text' && index === message.parts.length - 1
        ? { ...part, tokens: part.tokens && [...part.tokens], startedAt: now, millis: undefined }
        : { done: part },
    )
  }

  take({ delta, logprobs, finish_reason }: Choice, now: number): void {
    const tokens = tokensOf(logprobs)
    const { reasoning_content: reasoning } = delta
    if (reasoning || tokens.reasoning.length > 0)
      this.#text('reasoning', reasoning ?? '', tokens.reasoning, now)
    if (delta.content || tokens.content.length > 0)
      this.#text('text', delta.content ?? '', tokens.content, now)
    for (const call of delta.tool_calls ?? []) this.#call(call, now)
    if (finish_reason !== null && finish_reason !== undefined) this.#change({ finishReason: finish_reason })
  }

  get isFinished(): boolean {
    return this.#message.finishReason !== undefined
  }

  describe(facts: Pick<Message, 'model' | 'requestId'>): void {
    this.#change(facts)
  }

  count(usage: Usage): void {
    this.#change({ usage: tokenUsage(usage) })
  }

  explain(timeline: RequestTimeline): void {
    this.#change({ timeline })
  }

  end(state: MessageState, now: number, error?: MessageError): void {
    this.#endReasoning(now)
    const endMillis = now - this.#sentAt
    this.#change({ state, timing: { ...this.#message.timing, endMillis }, ...(error && { error }) })
  }

  /** The same object as before, where nothing came since. */
  get message(): Message {
    if (!this.#isDirty) return this.#message
    this.#isDirty = false
    const parts = this.#parts.map((part, index): Part => {
      if ('done' in part) return part.done
      const shown = shownPart(part)
      // All but the last are finished: they stay the same objects from now on.
      if (index < this.#parts.length - 1 && part.type !== 'tool_call') this.#parts[index] = { done: shown }
      return shown
    })
    this.#message = { ...this.#message, parts }
    return this.#message
  }

  #text(type: 'text' | 'reasoning', text: string, tokens: readonly Token[], now: number): void {
    this.#said(now)
    if (type === 'text') this.#endReasoning(now)
    const last = this.#parts.at(-1)
    if (last !== undefined && !('done' in last) && last.type === type) {
      if (tokens.length === 0 && text !== '' && last.tokens?.length === 0) last.tokens = undefined
      last.text += text
      last.tokens?.push(...tokens)
    } else
      this.#parts.push({
        type,
        text,
        tokens: tokens.length > 0 ? [...tokens] : undefined,
        startedAt: now,
        millis: undefined,
      })
  }

  #call(delta: NonNullable<ChatDelta['tool_calls']>[number], now: number): void {
    this.#said(now)
    this.#endReasoning(now)
    let call = this.#parts.find(
      (part): part is GrowingCall =>
        !('done' in part) && part.type === 'tool_call' && part.index === delta.index,
    )
    if (call === undefined) {
      call = { type: 'tool_call', index: delta.index, id: '', name: '', arguments: '' }
      this.#parts.push(call)
    }
    call.id ||= delta.id ?? ''
    call.name += delta.function.name ?? ''
    call.arguments += delta.function.arguments
  }

  #said(now: number): void {
    if (this.#message.state === 'waiting')
      this.#change({ state: 'streaming', timing: { firstTokenMillis: now - this.#sentAt } })
    this.#isDirty = true
  }

  #endReasoning(now: number): void {
    const last = this.#parts.at(-1)
    if (last !== undefined && !('done' in last) && last.type === 'reasoning')
      last.millis ??= now - last.startedAt
  }

  #change(facts: Partial<Message>): void {
    this.#message = { ...this.#message, ...facts }
    this.#isDirty = true
  }
}

function shownPart(part: Growing): Part {
  if (part.type === 'tool_call') {
    const { type, id, name, arguments: text } = part
    return { type, id, name, arguments: text }
  }
  const { type, text, tokens, millis } = part
  const shown = { text, ...(tokens !== undefined && tokens.length > 0 && { tokens: [...tokens] }) }
  return type === 'text' ? { type, ...shown } : { type, ...shown, ...(millis !== undefined && { millis }) }
}

function tokensOf(logprobs: ChatLogprobs | null | undefined): Record<'content' | 'reasoning', Token[]> {
  const tokens = (given: ChatLogprobs['content'] | undefined): Token[] =>
    (given ?? []).map(({ token, logprob, bytes, top_logprobs }) => ({
      text: token,
      logprob,
      bytes: bytes ?? [],
      top: (top_logprobs ?? []).map((other) => ({
        text: other.token,
        logprob: other.logprob,
        bytes: other.bytes ?? [],
      })),
    }))
  return { content: tokens(logprobs?.content), reasoning: tokens(logprobs?.reasoning_content) }
}

/** Also accepts servers that report fewer fields than Hadal. */
function tokenUsage(usage: Partial<Usage>): TokenUsage {
  return {
    promptTokens: usage.prompt_tokens ?? 0,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0,
    completionTokens: usage.completion_tokens ?? 0,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    acceptedDraftTokens: usage.completion_tokens_details?.accepted_prediction_tokens ?? 0,
    rejectedDraftTokens: usage.completion_tokens_details?.rejected_prediction_tokens ?? 0,
  }
}
