/**
 * How Anthropic messages are written: one JSON body, or events in which every content block opens, grows and closes before
 * the next (https://docs.claude.com/en/docs/build-with-claude/streaming).
 */

import {
  type AnthropicContentBlock,
  type AnthropicDelta,
  type AnthropicDeltaUsage,
  type AnthropicEvent,
  type AnthropicMessage,
  type AnthropicRequest,
  type AnthropicStopReason,
  type AnthropicUsage,
  sseEvent,
} from '@hadal/protocol'
import type { Exchange, FinishedChoice } from '../dialect.ts'
import type { ChoiceDone, ChoiceUsage, Generation } from '../generation.ts'
import { packReasoning, reasoningDigest } from '../opaque-reasoning.ts'
import { anthropicError } from './error-body.ts'

export interface MessageExchange extends Exchange {
  /** Heard before the first event, it stands in it. */
  takePromptTokens(count: number): void
}

export function messageExchange(generation: Generation, body: AnthropicRequest): MessageExchange {
  const { id, engine } = generation
  const hidesThinking = body.thinking?.display === 'omitted'
  const ending = (done: ChoiceDone): Ending => endingOf(done, body, engine.model.contextLength)
  let inputTokens = 0
  let started = false
  let pinged = false
  let index = -1
  let open: AnthropicContentBlock['type'] | undefined
  let thinking = ''

  const message = (rest: Pick<AnthropicMessage, 'content' | 'stop_reason' | 'stop_sequence' | 'usage'>) => ({
    id,
    type: 'message' as const,
    role: 'assistant' as const,
    model: engine.model.id,
    ...rest,
    stop_details: null,
    container: null,
    diagnostics: null,
  })
  const start = (): string => {
    if (started) return ''
    started = true
    const usage = wholeUsage({
      promptTokens: inputTokens,
      cachedTokens: 0,
      completionTokens: 0,
      reasoningTokens: 0,
    })
    const empty = message({ content: [], stop_reason: null, stop_sequence: null, usage })
    return write({ type: 'message_start', message: empty })
  }
  const openBlock = (block: AnthropicContentBlock): string => {
    const closed = closeBlock()
    open = block.type
    thinking = ''
    index += 1
    const ping = pinged ? '' : write({ type: 'ping' })
    pinged = true
    return closed + write({ type: 'content_block_start', index, content_block: block }) + ping
  }
  const closeBlock = (): string => {
    if (open === undefined) return ''
    const signature = open === 'thinking' ? sign(thinking, hidesThinking) : undefined
    open = undefined
    return (
      (signature === undefined ? '' : delta({ type: 'signature_delta', signature })) +
      write({ type: 'content_block_stop', index })
    )
  }
  const delta = (value: AnthropicDelta): string => write({ type: 'content_block_delta', index, delta: value })

  return {
    generation,
    stream: body.stream === true,
    keepAlive: write({ type: 'ping' }),
    takePromptTokens(count) {
      inputTokens = count
    },
    answer: ([choice]): AnthropicMessage => {
      const { text, reasoning, toolCalls, done } = choice as FinishedChoice
      const content: AnthropicContentBlock[] = []
      if (reasoning !== '') content.push(thinkingBlock(reasoning, hidesThinking))
      if (text !== '') content.push({ type: 'text', text, citations: null })
      for (const call of toolCalls) content.push(toolUse(call.id, call.name, asInput(call.arguments)))
      return message({ content, ...ending(done), usage: wholeUsage(done.usage) })
    },
    event(event) {
      switch (event.type) {
        case 'reasoning': {
          if (event.text === '') return start()
          const opened =
            open === 'thinking' ? '' : openBlock({ type: 'thinking', thinking: '', signature: '' })
          thinking += event.text
          const shown = hidesThinking ? '' : delta({ type: 'thinking_delta', thinking: event.text })
          return start() + opened + shown
        }
        case 'delta': {
          if (event.text === '') return start()
          const opened = open === 'text' ? '' : openBlock({ type: 'text', text: '', citations: null })
          return start() + opened + delta({ type: 'text_delta', text: event.text })
        }
        case 'tool':
          return start() + openBlock(toolUse(event.id, event.name, {}))
        case 'arguments':
          return event.text === '' ? '' : delta({ type: 'input_json_delta', partial_json: event.text })
        case 'done': {
          const end = { ...ending(event), stop_details: null, container: null }
          const closed = start() + closeBlock()
          return closed + write({ type: 'message_delta', delta: end, usage: deltaUsage(event.usage) })
        }
        default:
          return ''
      }
    },
    end: () => write({ type: 'message_stop' }),
    failure: (error) => write(anthropicError(error)),
  }
}

const write = (event: AnthropicEvent): string => sseEvent(JSON.stringify(event), event.type)

const toolUse = (id: string, name: string, input: unknown): AnthropicContentBlock => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
})

const thinkingBlock = (text: string, hidden: boolean): AnthropicContentBlock => ({
  type: 'thinking',
  thinking: hidden ? '' : text,
  signature: sign(text, hidden),
})

/** A thought that is not shown travels in its signature, so that the next turn can have it. */
const sign = (text: string, hidden: boolean): string => (hidden ? packReasoning(text) : reasoningDigest(text))

/** What is no object, because it was cut or misspelt, is wrapped as Anthropic's guide for fine-grained streaming advises. */
function asInput(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    const input: unknown = JSON.parse(text)
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  } catch {}
  return { INVALID_JSON: text }
}

interface Ending {
  readonly stop_reason: AnthropicStopReason
  readonly stop_sequence: string | null
}

function endingOf(done: ChoiceDone, body: AnthropicRequest, contextLength: number): Ending {
  const { finishReason, stopString, usage } = done
  if (finishReason === 'stop' && stopString !== undefined && body.stop_sequences?.includes(stopString))
    return { stop_reason: 'stop_sequence', stop_sequence: stopString }
  const contextIsFull =
    usage.completionTokens < body.max_tokens && usage.promptTokens + usage.completionTokens >= contextLength
  const reasons: Readonly<Record<ChoiceDone['finishReason'], AnthropicStopReason>> = {
    stop: 'end_turn',
    length: contextIsFull ? 'model_context_window_exceeded' : 'max_tokens',
    tool_calls: 'tool_use',
    content_filter: 'refusal',
    insufficient_system_resource: 'pause_turn',
  }
  return { stop_reason: reasons[finishReason], stop_sequence: null }
}

const deltaUsage = (usage: ChoiceUsage): AnthropicDeltaUsage => ({
  input_tokens: usage.promptTokens - usage.cachedTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cachedTokens,
  output_tokens: usage.completionTokens,
  output_tokens_details: { thinking_tokens: usage.reasoningTokens },
  server_tool_use: null,
})

const wholeUsage = (
  usage: Pick<ChoiceUsage, 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'reasoningTokens'>,
): AnthropicUsage => ({
  ...deltaUsage(usage as ChoiceUsage),
  cache_creation: null,
  inference_geo: null,
  service_tier: 'standard',
  speed: null,
})
