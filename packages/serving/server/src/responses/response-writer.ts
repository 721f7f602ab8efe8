/**
 * Converts one choice's events to output items, collected or as a stream in which each item is opened, extended and closed before the next
 * (https://platform.openai.com/docs/api-reference/responses-streaming).
 */

import type {
  ResponseCallItem,
  ResponseEvent,
  ResponseItemStatus,
  ResponseMessageItem,
  ResponseOutputItem,
  ResponseOutputText,
  ResponseReasoningItem,
  ResponseTokenLogprob,
} from '@hadal/protocol'
import type { ChoiceDone, ChoiceEvent } from '../generation.ts'
import { packReasoning } from '../opaque-reasoning.ts'
import { chatLogprobs } from '../openai/logprobs.ts'

export interface WriterOptions {
  /** Suffix of item ids. */
  readonly suffix: string
  /** Reasoning is also returned as its summary. */
  readonly summarizes: boolean
  /** Reasoning is also returned as an opaque string. */
  readonly encrypts: boolean
}

export class ResponseWriter {
  readonly #options: WriterOptions
  readonly #output: ResponseOutputItem[] = []
  #open: OpenItem | undefined
  /** Log probabilities of tokens without text yet. */
  #held: readonly ResponseTokenLogprob[] = []

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** The finished items. */
  get output(): readonly ResponseOutputItem[] {
    return this.#output
  }

  add(event: ChoiceEvent): ResponseEvent[] {
    switch (event.type) {
      case 'reasoning': {
        if (event.text === '') return []
        const opened = this.#begin('reasoning')
        return [...opened, this.#reasoningDelta(event.text)]
      }
      case 'delta': {
        const logprobs = [...this.#held, ...(chatLogprobs(event.logprobs).content ?? [])]
        this.#held = logprobs
        if (event.text === '') return []
        const opened = this.#begin('message')
        return [...opened, this.#textDelta(event.text, logprobs)]
      }
      case 'tool':
        return this.#begin('function_call', event)
      case 'arguments': {
        const { text: delta } = event
        this.#open!.text += delta
        return delta === ''
          ? []
          : [{ type: 'response.function_call_arguments.delta', ...this.#place(this.#open!), delta }]
      }
      case 'done':
        return this.#close(statusOf(event))
      case 'progress':
      case 'prompt':
        return []
    }
  }

  /** Continues the open item if it has the same kind; every tool call starts a new one. */
  #begin(kind: OpenItem['kind'], call = noCall): ResponseEvent[] {
    if (kind !== 'function_call' && this.#open?.kind === kind) return []
    const closed = this.#close('completed')
    const id = `${prefixes[kind]}_${this.#options.suffix}${this.#output.length}`
    const open: OpenItem = { kind, id, text: '', logprobs: [], callId: call.id, name: call.name }
    this.#open = open
    const added: ResponseEvent = {
      type: 'response.output_item.added',
      output_index: this.#output.length,
      item: this.#emptyItem(open),
    }
    return [...closed, added, ...this.#part(open, 'added')]
  }

  #close(status: ResponseItemStatus): ResponseEvent[] {
    const open = this.#open
    if (open === undefined) return []
    const events = open.kind === 'message' && this.#held.length > 0 ? [this.#textDelta('', this.#held)] : []
    const item = this.#item(open, status)
    events.push(...this.#finished(open), ...this.#part(open, 'done'))
    events.push({ type: 'response.output_item.done', output_index: this.#output.length, item })
    this.#output.push(item)
    this.#open = undefined
    this.#held = []
    return events
  }

  #textDelta(delta: string, logprobs: readonly ResponseTokenLogprob[]): ResponseEvent {
    const open = this.#open!
    open.text += delta
    open.logprobs.push(...logprobs)
    this.#held = []
    return { type: 'response.output_text.delta', ...this.#place(open), content_index: 0, delta, logprobs }
  }

  #reasoningDelta(delta: string): ResponseEvent {
    const open = this.#open!
    open.text += delta
    const place = this.#place(open)
    return this.#options.summarizes
      ? { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta }
      : { type: 'response.reasoning_text.delta', ...place, content_index: 0, delta }
  }

  /** The closing events of an item. */
  #finished(open: OpenItem): ResponseEvent[] {
    const { kind, text, logprobs, name } = open
    const place = this.#place(open)
    if (kind === 'message')
      return [{ type: 'response.output_text.done', ...place, content_index: 0, text, logprobs }]
    if (kind === 'function_call')
      return [{ type: 'response.function_call_arguments.done', ...place, name, arguments: text }]
    return this.#options.summarizes
      ? [{ type: 'response.reasoning_summary_text.done', ...place, summary_index: 0, text }]
      : [{ type: 'response.reasoning_text.done', ...place, content_index: 0, text }]
  }

  /** The single part of an item that has parts. */
  #part(open: OpenItem, when: 'added' | 'done'): ResponseEvent[] {
    const { kind, text } = open
    const place = this.#place(open)
    if (kind === 'function_call') return []
    if (kind === 'reasoning' && this.#options.summarizes) {
      const part = { type: 'summary_text', text } as const
      return [{ type: `response.reasoning_summary_part.${when}`, ...place, summary_index: 0, part }]
    }
    const part = kind === 'message' ? textPart(open) : ({ type: 'reasoning_text', text } as const)
    return [{ type: `response.content_part.${when}`, ...place, content_index: 0, part }]
  }

  #place({ id }: OpenItem): { readonly item_id: string; readonly output_index: number } {
    return { item_id: id, output_index: this.#output.length }
  }

  #emptyItem(open: OpenItem): ResponseOutputItem {
    if (open.kind === 'message') return { ...message(open, 'in_progress'), content: [] }
    if (open.kind === 'function_call') return call(open, 'in_progress')
    return { type: 'reasoning', id: open.id, status: 'in_progress', summary: [], content: [] }
  }

  #item(open: OpenItem, status: ResponseItemStatus): ResponseOutputItem {
    if (open.kind === 'message') return message(open, status)
    if (open.kind === 'function_call') return call(open, status)
    return this.#reasoning(open, status)
  }

  #reasoning({ id, text }: OpenItem, status: ResponseItemStatus): ResponseReasoningItem {
    const { summarizes, encrypts } = this.#options
    return {
      type: 'reasoning',
      id,
      status,
      summary: summarizes ? [{ type: 'summary_text', text }] : [],
      content: summarizes ? [] : [{ type: 'reasoning_text', text }],
      ...(encrypts && { encrypted_content: packReasoning(text) }),
    }
  }
}

interface OpenItem {
  readonly kind: ResponseOutputItem['type']
  readonly id: string
  /** Text or arguments. */
  text: string
  readonly logprobs: ResponseTokenLogprob[]
  /** Id of the tool call. */
  readonly callId: string
  readonly name: string
}

const noCall: { readonly id: string; readonly name: string } = { id: '', name: '' }

const prefixes = { message: 'msg', reasoning: 'rs', function_call: 'fc' } as const

const statusOf = ({ finishReason }: ChoiceDone): ResponseItemStatus =>
  finishReason === 'stop' || finishReason === 'tool_calls' ? 'completed' : 'incomplete'

const textPart = ({ text, logprobs }: OpenItem): ResponseOutputText => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs,
})

const message = (open: OpenItem, status: ResponseItemStatus): ResponseMessageItem => ({
  type: 'message',
  id: open.id,
  status,
  role: 'assistant',
  content: [textPart(open)],
})

const call = ({ id, callId, name, text }: OpenItem, status: ResponseItemStatus): ResponseCallItem => ({
  type: 'function_call',
  id,
  status,
  call_id: callId,
  name,
  arguments: text,
})
