/** Streams chat completions: the first chunk has the role, the last the finish reason, plus usage if requested. */

import type { HadalError } from '@hadal/base'
import {
  type ChatChunk,
  type ChatDelta,
  type ChatFinishReason,
  type ChatRequest,
  sseDone,
  sseJson,
} from '@hadal/protocol'
import { errorBody } from '../answer/error-answer.ts'
import type { ChoiceDelta, ChoiceDone, ChoiceEvent, ChoiceUsage } from '../generation.ts'
import { NativeFigures, noFigures } from '../llama-server/native-figures.ts'
import { timingsOf } from '../llama-server/timings.ts'
import { repeatedEvent } from '../repeated-event.ts'
import { type ChatShape, finishReason } from './chat-shape.ts'
import { chatLogprobs } from './logprobs.ts'
import { totalUsage } from './read-request.ts'

/** Fields of a chunk besides its choice. */
type More = Pick<ChatChunk, 'usage' | 'timings' | 'prompt_progress'>

export class ChatStream {
  readonly #shape: ChatShape
  readonly #n: number
  readonly #includeUsage: boolean
  readonly #figures: readonly NativeFigures[]
  /** Preserialized chunks for plain text and reasoning of each choice. */
  readonly #plain: readonly Readonly<Record<'delta' | 'reasoning', (text: string) => string>>[]
  readonly #begun = new Set<number>()
  readonly #ended = new Set<number>()
  /** Timings of the only choice, once it is done. */
  #timings: Pick<ChatChunk, 'timings'> = {}

  constructor(shape: ChatShape, body: ChatRequest) {
    this.#shape = shape
    this.#n = shape.generation.n
    this.#includeUsage = body.stream_options?.include_usage === true
    this.#figures = Array.from({ length: this.#n }, () => new NativeFigures(body))
    this.#plain = Array.from({ length: this.#n }, (_, index) => ({
      delta: repeatedEvent((content) => this.#chunk(index, { content })),
      reasoning: repeatedEvent((text) => this.#chunk(index, { content: null, reasoning_content: text })),
    }))
  }

  event(event: ChoiceEvent): string {
    const more = this.#figures[event.choice]!.after(event)
    const saysNothing = event.type === 'progress' && more.prompt_progress === undefined
    if (saysNothing || event.type === 'prompt') return ''
    if (event.type === 'done') return this.#role(event) + this.#done(event)
    const isText = event.type === 'delta' || event.type === 'reasoning'
    if (isText && event.text !== '' && more === noFigures && !this.#shape.withLogprobs)
      return this.#role(event) + this.#plain[event.choice]![event.type](event.text)
    const delta = this.#delta(event)
    if (delta === undefined) return this.#role(event)
    return this.#role(event) + this.#chunk(event.choice, delta, more, this.#logprobs(event))
  }

  end(usages: readonly ChoiceUsage[]): string {
    const usage = (): string => this.#write([], { usage: totalUsage(usages, this.#n), ...this.#timings })
    return (this.#includeUsage ? usage() : '') + sseDone
  }

  failure(error: HadalError): string {
    if (this.#shape.manner === 'openai' || error.status < 500) return sseJson(errorBody(error))
    const choices = Array.from({ length: this.#n }, (_, index) => index)
    const open = choices.filter((index) => !this.#ended.has(index))
    return open.map((index) => this.#end(index, 'insufficient_system_resource')).join('') + sseDone
  }

  /** The first chunk of a choice; DeepSeek's indicates whether reasoning follows. */
  #role({ choice, type }: ChoiceEvent): string {
    if (this.#begun.has(choice)) return ''
    this.#begun.add(choice)
    const delta = { role: 'assistant', content: null, refusal: null } as const
    return this.#chunk(choice, type === 'reasoning' ? { ...delta, reasoning_content: '' } : delta)
  }

  /** Undefined if there is nothing to send. */
  #delta(event: Exclude<ChoiceEvent, ChoiceDone>): ChatDelta | undefined {
    const { legacy } = this.#shape
    switch (event.type) {
      case 'progress':
        return {}
      case 'prompt':
        return undefined
      case 'delta':
      case 'reasoning': {
        const { type, text, logprobs } = event
        if (text === '' && logprobs.length === 0) return undefined
        return type === 'delta' ? { content: text } : { content: null, reasoning_content: text }
      }
      case 'tool': {
        const { index, id, name } = event
        const begun = { name, arguments: '' }
        if (legacy) return index > 0 ? undefined : { function_call: begun }
        return { tool_calls: [{ index, id, type: 'function', function: begun }] }
      }
      case 'arguments': {
        const { index, text } = event
        const more = { arguments: text }
        if (legacy) return index > 0 ? undefined : { function_call: more }
        return { tool_calls: [{ index, function: more }] }
      }
    }
  }

  #logprobs(event: ChoiceEvent): ChatChunk['choices'][number]['logprobs'] {
    const isText = (each: ChoiceEvent): each is ChoiceDelta =>
      each.type === 'delta' || each.type === 'reasoning'
    if (!this.#shape.withLogprobs || !isText(event)) return null
    return event.type === 'delta' ? chatLogprobs(event.logprobs) : chatLogprobs([], event.logprobs)
  }

  #done({ choice, finishReason: reason, usage, timings }: ChoiceDone): string {
    this.#ended.add(choice)
    if (this.#n === 1) this.#timings = { timings: timingsOf(usage, timings) }
    const always = this.#shape.manner === 'deepseek' && this.#n === 1
    const last: More = { ...(always && { usage: totalUsage([usage], 1) }), ...this.#timings }
    return this.#end(choice, finishReason(reason, this.#shape.legacy), this.#includeUsage ? {} : last)
  }

  #end(index: number, finish_reason: ChatFinishReason, more: More = {}): string {
    return this.#write([{ index, delta: {}, logprobs: null, finish_reason }], more)
  }

  #chunk(
    index: number,
    delta: ChatDelta,
    more: More = {},
    logprobs: ChatChunk['choices'][number]['logprobs'] = null,
  ): string {
    return this.#write([{ index, delta, logprobs, finish_reason: null }], more)
  }

  #write(choices: ChatChunk['choices'], more: More): string {
    const chunk: ChatChunk = { ...this.#shape.common, object: 'chat.completion.chunk', choices }
    return sseJson(this.#includeUsage ? { ...chunk, usage: null, ...more } : { ...chunk, ...more })
  }
}
