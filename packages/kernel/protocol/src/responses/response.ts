/** The output of POST /v1/responses: the response, its items, and stream events. */

import type { NativeProgress, NativeTimings } from '../llama-server/completion-answer.ts'
import type { ChatTokenLogprob } from '../openai/chat-answer.ts'
import type { ResponseTextFormat, ResponseToolChoice } from './request.ts'

export type ResponseItemStatus = 'in_progress' | 'completed' | 'incomplete'

export interface ResponseTokenLogprob extends ChatTokenLogprob {
  readonly top_logprobs: readonly ChatTokenLogprob[]
}

export interface ResponseReasoningText {
  readonly type: 'reasoning_text'
  readonly text: string
}

export interface ResponseSummaryText {
  readonly type: 'summary_text'
  readonly text: string
}

export interface ResponseOutputText {
  readonly type: 'output_text'
  readonly text: string
  readonly annotations: readonly never[]
  readonly logprobs: readonly ResponseTokenLogprob[]
}

export interface ResponseReasoningItem {
  readonly id: string
  readonly type: 'reasoning'
  readonly status: ResponseItemStatus
  /** The whole reasoning if a summary was requested; otherwise it is in the content. */
  readonly summary: readonly ResponseSummaryText[]
  readonly content: readonly ResponseReasoningText[]
  /** If requested. */
  readonly encrypted_content?: string
}

export interface ResponseMessageItem {
  readonly id: string
  readonly type: 'message'
  readonly status: ResponseItemStatus
  readonly role: 'assistant'
  readonly content: readonly ResponseOutputText[]
}

export interface ResponseCallItem {
  readonly id: string
  readonly type: 'function_call'
  readonly status: ResponseItemStatus
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

export type ResponseOutputItem = ResponseReasoningItem | ResponseMessageItem | ResponseCallItem

export interface ResponseFunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly description: string | null
  readonly parameters: Readonly<Record<string, unknown>> | null
  readonly strict: boolean
}

export interface ResponseUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

/**
 * `null` for fields that were not given or are not supported.
 *
 * @example
 * ```ts
 * import type { ResponseObject } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/responses', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', input: 'Hi' }),
 * })
 * const answer = (await response.json()) as ResponseObject
 * ```
 */
export interface ResponseObject {
  readonly id: string
  readonly object: 'response'
  /** Seconds since 1970. */
  readonly created_at: number
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly completed_at: number | null
  readonly background: false
  readonly error: { readonly code: 'server_error' | 'rate_limit_exceeded'; readonly message: string } | null
  readonly incomplete_details: { readonly reason: 'max_output_tokens' | 'content_filter' } | null
  readonly instructions: string | null
  readonly max_output_tokens: number | null
  readonly max_tool_calls: number | null
  readonly model: string
  readonly output: readonly ResponseOutputItem[]
  readonly parallel_tool_calls: boolean
  readonly previous_response_id: null
  readonly prompt_cache_key: string | null
  readonly reasoning: { readonly effort: string | null; readonly summary: string | null }
  readonly safety_identifier: string | null
  readonly service_tier: 'default'
  readonly store: false
  readonly temperature: number | null
  readonly text: { readonly format: ResponseTextFormat; readonly verbosity: string }
  readonly tool_choice: ResponseToolChoice
  readonly tools: readonly ResponseFunctionTool[]
  readonly top_logprobs: number
  readonly top_p: number | null
  readonly truncation: 'disabled'
  readonly usage: ResponseUsage | null
  readonly user: string | null
  readonly metadata: Readonly<Record<string, string>>
}

interface OfItem {
  readonly item_id: string
  readonly output_index: number
}

interface OfPart extends OfItem {
  readonly content_index: number
}

interface OfSummary extends OfItem {
  readonly summary_index: number
}

/** An event without its sequence number. */
export type ResponseEvent =
  | {
      readonly type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed'
      readonly response: ResponseObject
    }
  | {
      readonly type: 'response.output_item.added' | 'response.output_item.done'
      readonly output_index: number
      readonly item: ResponseOutputItem
    }
  | (OfPart & {
      readonly type: 'response.content_part.added' | 'response.content_part.done'
      readonly part: ResponseOutputText | ResponseReasoningText
    })
  | (OfPart & {
      readonly type: 'response.output_text.delta'
      readonly delta: string
      readonly logprobs: readonly ResponseTokenLogprob[]
    })
  | (OfPart & {
      readonly type: 'response.output_text.done'
      readonly text: string
      readonly logprobs: readonly ResponseTokenLogprob[]
    })
  | (OfPart & { readonly type: 'response.reasoning_text.delta'; readonly delta: string })
  | (OfPart & { readonly type: 'response.reasoning_text.done'; readonly text: string })
  | (OfSummary & {
      readonly type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done'
      readonly part: ResponseSummaryText
    })
  | (OfSummary & { readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string })
  | (OfSummary & { readonly type: 'response.reasoning_summary_text.done'; readonly text: string })
  | (OfItem & { readonly type: 'response.function_call_arguments.delta'; readonly delta: string })
  | (OfItem & {
      readonly type: 'response.function_call_arguments.done'
      readonly name: string
      readonly arguments: string
    })
  | {
      readonly type: 'error'
      readonly code: string
      readonly message: string
      readonly param: string | null
    }

/**
 * An event as sent.
 *
 * @example
 * ```ts
 * import { type NumberedResponseEvent, SseDecoder } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/responses', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', input: 'Hi', stream: true }),
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) {
 *     if (data !== '[DONE]') console.log(JSON.parse(data) as NumberedResponseEvent)
 *   }
 * }
 * ```
 */
export type NumberedResponseEvent = ResponseEvent & {
  readonly sequence_number: number
} & ResponseNativeFields

/** llama-server's timings, if requested. */
export interface ResponseNativeFields {
  readonly timings?: NativeTimings
  readonly prompt_progress?: NativeProgress
}

/**
 * The response of `POST /v1/responses/input_tokens`.
 *
 * @example
 * ```ts
 * import type { ResponseTokenCount } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/responses/input_tokens', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', input: 'Hi' }),
 * })
 * const answer = (await response.json()) as ResponseTokenCount
 * ```
 */
export interface ResponseTokenCount {
  readonly object: 'response.input_tokens'
  readonly input_tokens: number
}
