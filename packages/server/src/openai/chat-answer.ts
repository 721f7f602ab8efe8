/** How chat completions are written: one JSON body, or chunks that begin with the role and end with the usage. */

import {
  type ChatAnswerMessage,
  type ChatChunk,
  type ChatCompletion,
  type ChatDelta,
  type ChatFinishReason,
  type ChatRequest,
  sseDone,
  sseJson,
  type Usage,
} from '@hadal/protocol'
import type { Exchange, FinishedChoice } from '../dialect.ts'
import { errorBody } from '../error-answer.ts'
import type { ChoiceDone, ChoiceEvent, ChoiceFinishReason, ChoiceUsage, Generation } from '../generation.ts'
import { NativeFigures } from '../llama-server/native-figures.ts'
import { timingsOf } from '../llama-server/timings.ts'
import { chatLogprobs } from './logprobs.ts'
import { systemFingerprint, totalUsage } from './read-request.ts'
import { verboseAnswer } from './verbose-answer.ts'

/** DeepSeek's streams end with the usage, asked for or not; those that the server cannot finish with a finish reason, OpenAI's with an error. */
export type AnswerManner = 'openai' | 'deepseek'

export function chatExchange(
  generation: Generation,
  body: ChatRequest,
  created: number,
  manner: AnswerManner,
): Exchange {
  const { id, n, engine } = generation
  const answer = {
    id,
    created,
    model: engine.model.id,
    system_fingerprint: systemFingerprint(engine),
    service_tier: 'default',
  } as const
  const includeUsage = body.stream_options?.include_usage === true
  const withLogprobs = generation.sequence.topLogprobs !== undefined
  /** The older form of tools: one call, under other names. */
  const legacy = body.functions !== undefined
  const begun = new Set<number>()
  const ended = new Set<number>()

  const finishReason = (reason: ChoiceFinishReason): ChatFinishReason =>
    legacy && reason === 'tool_calls' ? 'function_call' : reason

  /** Of the one choice there is, once it is done. */
  let timings: Pick<ChatChunk, 'timings'> = {}
  const timingsAt = ({ usage, timings: measured }: ChoiceDone): Pick<ChatChunk, 'timings'> =>
    n === 1 ? { timings: timingsOf(usage, measured) } : {}

  const usageOf = (usages: readonly ChoiceUsage[]): Usage => totalUsage(usages, n)
  const lastFields = ({ usage }: ChoiceDone): More =>
    manner === 'deepseek' && n === 1 ? { usage: usageOf([usage]), ...timings } : timings
  const figures = Array.from({ length: n }, () => new NativeFigures(body))

  type More = Pick<ChatChunk, 'usage' | 'timings' | 'prompt_progress'>
  const chunk = (choices: ChatChunk['choices'], more: More = {}): string => {
    const value: ChatChunk = { ...answer, object: 'chat.completion.chunk', choices }
    return sseJson(includeUsage ? { ...value, usage: null, ...more } : { ...value, ...more })
  }
  const choice = (
    index: number,
    delta: ChatDelta,
    more?: More,
    logprobs: ChatChunk['choices'][number]['logprobs'] = null,
  ): string => chunk([{ index, delta, logprobs, finish_reason: null }], more)

  const end = (index: number, finish_reason: ChatFinishReason, more?: More): string =>
    chunk([{ index, delta: {}, logprobs: null, finish_reason }], more)

  /** The first chunk of a choice; DeepSeek's says whether reasoning follows. */
  const role = ({ choice: index, type }: ChoiceEvent): string => {
    if (begun.has(index)) return ''
    begun.add(index)
    const delta = { role: 'assistant', content: null, refusal: null } as const
    return choice(index, type === 'reasoning' ? { ...delta, reasoning_content: '' } : delta)
  }

  const rest = (event: ChoiceEvent, more: More): string => {
    const index = event.choice
    switch (event.type) {
      case 'progress':
        return choice(index, {}, more)
      case 'prompt':
        return ''
      case 'delta':
      case 'reasoning': {
        const { type, text, logprobs } = event
        if (text === '' && logprobs.length === 0) return ''
        const delta = type === 'delta' ? { content: text } : { content: null, reasoning_content: text }
        if (!withLogprobs) return choice(index, delta, more)
        const described = type === 'delta' ? chatLogprobs(logprobs) : chatLogprobs([], logprobs)
        return choice(index, delta, more, described)
      }
      case 'tool': {
        const { name } = event
        if (legacy)
          return event.index > 0 ? '' : choice(index, { function_call: { name, arguments: '' } }, more)
        const call = {
          index: event.index,
          id: event.id,
          type: 'function',
          function: { name, arguments: '' },
        } as const
        return choice(index, { tool_calls: [call] }, more)
      }
      case 'arguments': {
        const written = { arguments: event.text }
        if (legacy) return event.index > 0 ? '' : choice(index, { function_call: written }, more)
        return choice(index, { tool_calls: [{ index: event.index, function: written }] }, more)
      }
      case 'done': {
        ended.add(index)
        timings = timingsAt(event)
        return end(index, finishReason(event.finishReason), includeUsage ? {} : lastFields(event))
      }
    }
  }

  return {
    generation,
    stream: body.stream === true,
    answer: (choices): ChatCompletion => ({
      ...answer,
      object: 'chat.completion',
      choices: choices.map((each, index) => ({
        index,
        message: messageOf(each, legacy),
        logprobs: withLogprobs ? chatLogprobs(each.logprobs, each.reasoningLogprobs) : null,
        finish_reason: finishReason(each.done.finishReason),
      })),
      usage: usageOf(choices.map((each) => each.done.usage)),
      ...timingsAt(choices[0]!.done),
      ...(body.verbose === true && { __verbose: verboseAnswer(generation, choices) }),
    }),
    event(event) {
      const more = figures[event.choice]!.after(event)
      const saysNothing = event.type === 'progress' && more.prompt_progress === undefined
      return saysNothing || event.type === 'prompt' ? '' : role(event) + rest(event, more)
    },
    end: (usages) => (includeUsage ? chunk([], { usage: usageOf(usages), ...timings }) : '') + sseDone,
    failure(error) {
      if (manner === 'openai' || error.status < 500) return sseJson(errorBody(error))
      const open = Array.from({ length: n }, (_, index) => index).filter((index) => !ended.has(index))
      return open.map((index) => end(index, 'insufficient_system_resource')).join('') + sseDone
    },
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
