/**
 * Converts one choice's events to Anthropic content blocks, collected or as a stream in which each block is opened, extended and closed
 * before the next (https://docs.claude.com/en/docs/build-with-claude/streaming). Excludes usage.
 */

import { isPlainObject } from '@hadal/base'
import type { AnthropicContentBlock, AnthropicDelta, AnthropicEvent } from '@hadal/protocol'
import type { ChoiceEvent } from '../generation.ts'
import { packReasoning, reasoningDigest } from '../opaque-reasoning.ts'

export class MessageWriter {
  readonly #hidesThinking: boolean
  readonly #content: AnthropicContentBlock[] = []
  #open: OpenBlock | undefined
  #pinged = false

  /** With `hidesThinking`, thinking is returned only as a signature. */
  constructor(hidesThinking: boolean) {
    this.#hidesThinking = hidesThinking
  }

  /** The finished blocks. */
  get content(): readonly AnthropicContentBlock[] {
    return this.#content
  }

  add(event: ChoiceEvent): AnthropicEvent[] {
    switch (event.type) {
      case 'reasoning': {
        if (event.text === '') return []
        const opened = this.#begin('thinking')
        this.#open!.text += event.text
        const shown = !this.#hidesThinking && this.#delta({ type: 'thinking_delta', thinking: event.text })
        return shown ? [...opened, shown] : opened
      }
      case 'delta': {
        if (event.text === '') return []
        const opened = this.#begin('text')
        this.#open!.text += event.text
        return [...opened, this.#delta({ type: 'text_delta', text: event.text })]
      }
      case 'tool':
        return this.#begin('tool_use', event)
      case 'arguments':
        this.#open!.text += event.text
        return event.text === '' ? [] : [this.#delta({ type: 'input_json_delta', partial_json: event.text })]
      case 'done':
        return this.#close()
      case 'progress':
      case 'prompt':
        return []
    }
  }

  /** Continues the open block if it has the same kind; every tool call starts a new one. */
  #begin(
    kind: OpenBlock['kind'],
    call: { readonly id: string; readonly name: string } = noCall,
  ): AnthropicEvent[] {
    if (kind !== 'tool_use' && this.#open?.kind === kind) return []
    const closed = this.#close()
    this.#open = { kind, text: '', id: call.id, name: call.name }
    const start: AnthropicEvent = {
      type: 'content_block_start',
      index: this.#content.length,
      content_block: emptyBlock(this.#open),
    }
    const ping: AnthropicEvent[] = this.#pinged ? [] : [{ type: 'ping' }]
    this.#pinged = true
    return [...closed, start, ...ping]
  }

  #close(): AnthropicEvent[] {
    if (this.#open === undefined) return []
    const block = this.#finished(this.#open)
    const signed =
      block.type === 'thinking' ? [this.#delta({ type: 'signature_delta', signature: block.signature })] : []
    const stop: AnthropicEvent = { type: 'content_block_stop', index: this.#content.length }
    this.#content.push(block)
    this.#open = undefined
    return [...signed, stop]
  }

  #finished(open: OpenBlock): AnthropicContentBlock {
    const { kind, text } = open
    if (kind === 'text') return { type: 'text', text }
    if (kind === 'tool_use') return toolUse(open, asInput(text))
    // Hidden thinking is stored in its signature so that the next turn can restore it.
    return this.#hidesThinking
      ? { type: 'thinking', thinking: '', signature: packReasoning(text) }
      : { type: 'thinking', thinking: text, signature: reasoningDigest(text) }
  }

  #delta(delta: AnthropicDelta): AnthropicEvent {
    return { type: 'content_block_delta', index: this.#content.length, delta }
  }
}

interface OpenBlock {
  readonly kind: AnthropicContentBlock['type']
  text: string
  /** Id of the tool call. */
  readonly id: string
  readonly name: string
}

const noCall = { id: '', name: '' }

function emptyBlock(open: OpenBlock): AnthropicContentBlock {
  if (open.kind === 'text') return { type: 'text', text: '' }
  if (open.kind === 'thinking') return { type: 'thinking', thinking: '', signature: '' }
  return toolUse(open, {})
}

const toolUse = ({ id, name }: OpenBlock, input: unknown): AnthropicContentBlock => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
})

/**
 * Input that is not a JSON object, because it is truncated or malformed, is wrapped as Anthropic's guide for fine-grained streaming
 * recommends.
 */
function asInput(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    const input: unknown = JSON.parse(text)
    if (isPlainObject(input)) return input
  } catch {}
  return { INVALID_JSON: text }
}
