/** Formats Anthropic messages: one JSON body or an event stream. The content comes from `message-writer.ts`. */

import {
  type AnthropicDeltaUsage,
  type AnthropicEvent,
  type AnthropicMessage,
  type AnthropicRequest,
  type AnthropicStopReason,
  type AnthropicUsage,
  sseEvent,
} from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import type { ChoiceDone, ChoiceEvent, ChoiceUsage, Generation } from '../generation.ts'
import { anthropicError } from './error-body.ts'
import { MessageWriter } from './message-writer.ts'

export function messageExchange(generation: Generation, body: AnthropicRequest): Exchange {
  const { id, engine } = generation
  const writer = new MessageWriter(body.thinking?.display === 'omitted')
  const ending = (done: ChoiceDone): Ending => endingOf(done, body, engine.model.contextLength)
  let started = false

  const message = (
    rest: Pick<AnthropicMessage, 'content' | 'stop_reason' | 'stop_sequence' | 'usage'>,
  ): AnthropicMessage => ({
    id,
    type: 'message',
    role: 'assistant',
    model: engine.model.id,
    ...rest,
    stop_details: null,
    container: null,
    diagnostics: null,
  })
  /** The first event reports the prompt length and how much of it was cached. */
  const start = (event: ChoiceEvent): AnthropicEvent[] => {
    if (started) return []
    started = true
    const usage = wholeUsage(event.type === 'progress' ? { ...nothing, ...event } : nothing)
    return [
      {
        type: 'message_start',
        message: message({ content: [], stop_reason: null, stop_sequence: null, usage }),
      },
    ]
  }

  return {
    generation,
    stream: body.stream === true,
    keepAlive: write({ type: 'ping' }),
    answer([choice]): AnthropicMessage {
      for (const event of choice!.events) writer.add(event)
      const { done } = choice!
      return message({ content: writer.content, ...ending(done), usage: wholeUsage(done.usage) })
    },
    event(event) {
      const events = [...start(event), ...writer.add(event)]
      if (event.type === 'done')
        events.push({
          type: 'message_delta',
          delta: { ...ending(event), stop_details: null, container: null },
          usage: deltaUsage(event.usage),
        })
      return events.map(write).join('')
    },
    end: () => write({ type: 'message_stop' }),
    failure: (error) => write(anthropicError(error)),
  }
}

const write = (event: AnthropicEvent): string => sseEvent(JSON.stringify(event), event.type)

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

const nothing: ChoiceUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }

const deltaUsage = (usage: ChoiceUsage): AnthropicDeltaUsage => ({
  input_tokens: usage.promptTokens - usage.cachedTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cachedTokens,
  output_tokens: usage.completionTokens,
  output_tokens_details: { thinking_tokens: usage.reasoningTokens },
  server_tool_use: null,
})

const wholeUsage = (usage: ChoiceUsage): AnthropicUsage => ({
  ...deltaUsage(usage),
  cache_creation: null,
  inference_geo: null,
  service_tier: 'standard',
  speed: null,
})
