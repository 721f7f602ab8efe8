/** Formats non-streaming chat completions. Streams are in `chat-stream.ts`. */

import type { ChatAnswerMessage, ChatCompletion, ChatRequest } from '@hadal/protocol'
import type { Exchange, FinishedChoice } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { timingsOf } from '../llama-server/timings.ts'
import { type AnswerManner, type ChatShape, finishReason } from './chat-shape.ts'
import { ChatStream } from './chat-stream.ts'
import { chatLogprobs } from './logprobs.ts'
import { systemFingerprint, totalUsage } from './read-request.ts'
import { verboseAnswer } from './verbose-answer.ts'

export function chatExchange(
  generation: Generation,
  body: ChatRequest,
  created: number,
  manner: AnswerManner,
  /** Set if the response should include the rendered prompt. */
  shownPrompt?: string,
): Exchange {
  const { id, engine } = generation
  const shape: ChatShape = {
    generation,
    manner,
    legacy: body.functions !== undefined,
    withLogprobs: generation.sequence.topLogprobs !== undefined,
    common: {
      id,
      created,
      model: engine.model.id,
      system_fingerprint: systemFingerprint(engine),
      service_tier: 'default',
    },
  }
  const stream = new ChatStream(shape, body)
  return {
    generation,
    stream: body.stream === true,
    answer: (choices) => ({
      ...wholeAnswer(shape, choices),
      ...(shownPrompt !== undefined && { __verbose: verboseAnswer(generation, choices, shownPrompt) }),
    }),
    event: (event) => stream.event(event),
    end: (usages) => stream.end(usages),
    failure: (error) => stream.failure(error),
  }
}

function wholeAnswer(
  { generation, common, legacy, withLogprobs }: ChatShape,
  choices: readonly FinishedChoice[],
): ChatCompletion {
  const [{ done }] = choices as [FinishedChoice]
  return {
    ...common,
    object: 'chat.completion',
    choices: choices.map((choice, index) => ({
      index,
      message: messageOf(choice, legacy),
      logprobs: withLogprobs ? chatLogprobs(choice.logprobs, choice.reasoningLogprobs) : null,
      finish_reason: finishReason(choice.done.finishReason, legacy),
    })),
    usage: totalUsage(
      choices.map((choice) => choice.done.usage),
      generation.n,
    ),
    ...(choices.length === 1 && { timings: timingsOf(done.usage, done.timings) }),
  }
}

function messageOf({ text, reasoning, toolCalls }: FinishedChoice, legacy: boolean): ChatAnswerMessage {
  const calls = toolCalls.map(({ id, name, arguments: args }, index) => ({
    index,
    id,
    type: 'function' as const,
    function: { name, arguments: args },
  }))
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    annotations: [],
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && (legacy ? { function_call: calls[0]!.function } : { tool_calls: calls })),
  }
}
