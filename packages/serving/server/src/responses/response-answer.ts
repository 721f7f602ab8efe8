/**
 * Formats responses of the Responses API: one JSON body, or numbered events that begin and end with the whole response.
 * `response-writer.ts` produces the output items.
 */

import type { HadalError } from '@hadal/base'
import {
  type NumberedResponseEvent,
  type ResponseEvent,
  type ResponseFunctionTool,
  type ResponseNativeFields,
  type ResponseObject,
  type ResponseOutputItem,
  type ResponseRequest,
  type ResponseTool,
  type ResponseUsage,
  sseEvent,
} from '@hadal/protocol'
import type { Exchange } from '../dialect.ts'
import type { ChoiceDone, ChoiceUsage, Generation } from '../generation.ts'
import { NativeFigures } from '../llama-server/native-figures.ts'
import { ResponseWriter } from './response-writer.ts'

export interface ResponseContext {
  /** Unix time in seconds. */
  readonly created: number
  /** Restores the client's original text of the request. */
  asSent?: ((text: string) => string) | undefined
  /** Called with all items of a finished response. */
  remember(items: readonly ResponseOutputItem[]): void
}

export function responseExchange(
  generation: Generation,
  body: ResponseRequest,
  { created, asSent = String, remember }: ResponseContext,
): Exchange {
  const { id, engine } = generation
  const writer = new ResponseWriter({
    suffix: id.slice(id.indexOf('_') + 1),
    summarizes: (body.reasoning?.summary ?? body.reasoning?.generate_summary) !== undefined,
    encrypts: body.include?.includes('reasoning.encrypted_content') === true,
  })
  const begun = prefix(body, asSent, { id, created_at: created, model: engine.model.id })
  const figures = new NativeFigures(body)
  let started = false
  let sequence = 0

  const write = (event: ResponseEvent, native: ResponseNativeFields = {}): string => {
    const numbered: NumberedResponseEvent = { ...event, sequence_number: sequence, ...native }
    sequence += 1
    return sseEvent(JSON.stringify(numbered), event.type)
  }
  const inProgress: ResponseEvent = { type: 'response.in_progress', response: begun }
  const start = (): ResponseEvent[] => {
    if (started) return []
    started = true
    return [{ type: 'response.created', response: begun }, inProgress]
  }
  /** llama-server always ends with `response.completed`; clients that request its timings wait for that. */
  const endingOf = ({ status }: ResponseObject): string =>
    asksFigures(body) && status === 'incomplete' ? 'response.completed' : `response.${status}`
  const finished = (done: ChoiceDone): ResponseObject => {
    const outcome = outcomeOf(done)
    remember(writer.output)
    return {
      ...begun,
      ...outcome,
      completed_at: outcome.status === 'completed' ? created + Math.round(secondsOf(done)) : null,
      output: writer.output,
      usage: usageOf(done.usage),
    }
  }

  return {
    generation,
    stream: body.stream === true,
    answer([choice]): ResponseObject {
      for (const event of choice!.events) writer.add(event)
      return finished(choice!.done)
    },
    event(event) {
      const native = figures.after(event)
      const events = [...start(), ...writer.add(event)]
      if (native.prompt_progress !== undefined && events.length === 0) events.push(inProgress)
      if (event.type === 'done') {
        const response = finished(event)
        events.push({ type: endingOf(response), response } as ResponseEvent)
      }
      const last = events.pop()
      if (last === undefined) return ''
      return events.map((each) => write(each)).join('') + write(last, native)
    },
    end: () => '',
    failure(error) {
      const { code, param = null } = error
      const response: ResponseObject = {
        ...begun,
        ...failed(textOf(error), error.status),
        output: writer.output,
      }
      const events: ResponseEvent[] = [
        ...start(),
        { type: 'error', code, message: textOf(error), param },
        { type: 'response.failed', response },
      ]
      return events.map((each) => write(each)).join('')
    },
  }
}

/** llama-server's fields. */
const asksFigures = ({ return_progress, timings_per_token }: ResponseRequest): boolean =>
  return_progress === true || timings_per_token === true

/** The response object before generation. */
function prefix(
  body: ResponseRequest,
  asSent: (text: string) => string,
  own: Pick<ResponseObject, 'id' | 'created_at' | 'model'>,
): ResponseObject {
  const { reasoning } = body
  return {
    ...own,
    object: 'response',
    status: 'in_progress',
    completed_at: null,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions === undefined ? null : asSent(body.instructions),
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: {
      effort: reasoning?.effort ?? null,
      summary: reasoning?.summary ?? reasoning?.generate_summary ?? null,
    },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: false,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: body.text?.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map(toolOf),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? null,
    truncation: 'disabled',
    usage: null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  }
}

const toolOf = ({ name, description, parameters, strict }: ResponseTool): ResponseFunctionTool => ({
  type: 'function',
  name: name!,
  description: description ?? null,
  parameters: parameters ?? null,
  strict: strict ?? false,
})

type Outcome = Pick<ResponseObject, 'status' | 'incomplete_details' | 'error'>

function outcomeOf({ finishReason }: ChoiceDone): Outcome {
  switch (finishReason) {
    case 'stop':
    case 'tool_calls':
      return { status: 'completed', incomplete_details: null, error: null }
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, error: null }
    case 'content_filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, error: null }
    case 'insufficient_system_resource':
      return failed('the server had to end this generation before it was done', 503)
  }
}

const failed = (message: string, status: number): Outcome => ({
  status: 'failed',
  incomplete_details: null,
  error: { code: status === 429 ? 'rate_limit_exceeded' : 'server_error', message },
})

const textOf = (error: HadalError): string => `${error.message}. ${error.help}`

const secondsOf = ({ timings }: ChoiceDone): number =>
  (timings.queueMillis + timings.prefillMillis + timings.decodeMillis) / 1000

const usageOf = (usage: ChoiceUsage): ResponseUsage => ({
  input_tokens: usage.promptTokens,
  input_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: 0 },
  output_tokens: usage.completionTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  total_tokens: usage.promptTokens + usage.completionTokens,
})
