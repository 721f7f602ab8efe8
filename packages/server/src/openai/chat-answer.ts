/** How chat completions are written: one JSON body, or chunks that begin with the role and end with the usage. */

import { type ChatChunk, type ChatCompletion, type ChatRequest, sseDone, sseJson } from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import { errorBody } from '../error-answer.ts'
import type { Generation } from '../generation.ts'
import { chatLogprobs } from './logprobs.ts'
import { totalUsage } from './read-request.ts'

export function chatExchange(generation: Generation, body: ChatRequest, created: number): Exchange {
  const { id, n, engine } = generation
  const model = engine.model.id
  const includeUsage = body.stream_options?.include_usage === true
  const withLogprobs = generation.sequence.topLogprobs !== undefined
  const begun = new Set<number>()

  const chunk = (choices: ChatChunk['choices'], usage: ChatChunk['usage'] = null): string => {
    const value: ChatChunk = { id, object: 'chat.completion.chunk', created, model, choices }
    return sseJson(includeUsage ? { ...value, usage } : value)
  }
  const role = (index: number): string => {
    if (begun.has(index)) return ''
    begun.add(index)
    return chunk([{ index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }])
  }

  return {
    generation,
    stream: body.stream === true,
    answer: (choices): ChatCompletion => ({
      id,
      object: 'chat.completion',
      created,
      model,
      choices: choices.map(({ text, logprobs, done }, index) => ({
        index,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: withLogprobs ? chatLogprobs(logprobs) : null,
        finish_reason: done.finishReason,
      })),
      usage: totalUsage(
        choices.map((choice) => choice.done.usage),
        n,
      ),
    }),
    event(event) {
      const index = event.choice
      if (event.type === 'done')
        return role(index) + chunk([{ index, delta: {}, logprobs: null, finish_reason: event.finishReason }])
      if (event.type !== 'delta') return ''
      if (event.text === '' && event.logprobs.length === 0) return role(index)
      const logprobs = withLogprobs ? chatLogprobs(event.logprobs) : null
      return role(index) + chunk([{ index, delta: { content: event.text }, logprobs, finish_reason: null }])
    },
    end: (usages) => (includeUsage ? chunk([], totalUsage(usages, n)) : '') + sseDone,
    failure: (error) => sseJson(errorBody(error)),
  }
}
