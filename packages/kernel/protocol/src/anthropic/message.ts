/** Responses of Anthropic's API: messages, stream events, token counts, models and errors. */

export type AnthropicStopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'

export type AnthropicContentBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  /** Without `citations`, which the API omits if there are none. */
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use'
      readonly id: string
      readonly name: string
      readonly input: unknown
      /** Called by the model itself, not by a server tool. */
      readonly caller: { readonly type: 'direct' }
    }

/** The usage fields that change while a message streams. */
export interface AnthropicDeltaUsage {
  /** Prompt tokens, excluding those read from the cache. */
  readonly input_tokens: number
  readonly cache_read_input_tokens: number
  /** Always 0: cache writes are not charged. */
  readonly cache_creation_input_tokens: number
  readonly output_tokens: number
  readonly output_tokens_details: { readonly thinking_tokens: number } | null
  readonly server_tool_use: null
}

export interface AnthropicUsage extends AnthropicDeltaUsage {
  readonly cache_creation: null
  readonly inference_geo: null
  readonly service_tier: 'standard'
  readonly speed: null
}

/**
 * The response of `POST /v1/messages`.
 *
 * @example
 * ```ts
 * import type { AnthropicMessage } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/messages', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }),
 * })
 * const answer = (await response.json()) as AnthropicMessage
 * ```
 */
export interface AnthropicMessage {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly model: string
  readonly content: readonly AnthropicContentBlock[]
  /** `null` while the message streams. */
  readonly stop_reason: AnthropicStopReason | null
  readonly stop_sequence: string | null
  readonly stop_details: null
  readonly container: null
  readonly diagnostics: null
  readonly usage: AnthropicUsage
}

export type AnthropicDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }

/**
 * An event in the response stream of `POST /v1/messages`.
 *
 * @example
 * ```ts
 * import { type AnthropicEvent, SseDecoder } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/messages', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }], stream: true }),
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) {
 *     if (data !== '[DONE]') console.log(JSON.parse(data) as AnthropicEvent)
 *   }
 * }
 * ```
 */
export type AnthropicEvent =
  | { readonly type: 'message_start'; readonly message: AnthropicMessage }
  | {
      readonly type: 'content_block_start'
      readonly index: number
      readonly content_block: AnthropicContentBlock
    }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: AnthropicDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'ping' }
  | {
      readonly type: 'message_delta'
      readonly delta: {
        readonly stop_reason: AnthropicStopReason
        readonly stop_sequence: string | null
        readonly stop_details: null
        readonly container: null
      }
      readonly usage: AnthropicDeltaUsage
    }
  | { readonly type: 'message_stop' }
  | AnthropicError

export type AnthropicErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'api_error'
  | 'overloaded_error'

export interface AnthropicError {
  readonly type: 'error'
  readonly error: { readonly type: AnthropicErrorType; readonly message: string }
  /** Absent in the last event of a stream. */
  readonly request_id?: string
}

/**
 * The response of `POST /v1/messages/count_tokens`.
 *
 * @example
 * ```ts
 * import type { AnthropicTokenCount } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/messages/count_tokens', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'default', messages: [{ role: 'user', content: 'Hi' }] }),
 * })
 * const answer = (await response.json()) as AnthropicTokenCount
 * ```
 */
export interface AnthropicTokenCount {
  readonly input_tokens: number
}

export interface AnthropicModel {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly max_input_tokens: number
  readonly max_tokens: number
  readonly capabilities: null
  readonly line: null
  readonly lifecycle: 'active'
  readonly deprecated_at: null
  readonly retires_at: null
}

/**
 * The response of `GET /anthropic/v1/models`.
 *
 * @example
 * ```ts
 * import type { AnthropicModelList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/anthropic/v1/models')
 * const answer = (await response.json()) as AnthropicModelList
 * ```
 */
export interface AnthropicModelList {
  readonly data: readonly AnthropicModel[]
  readonly has_more: false
  readonly first_id: string | null
  readonly last_id: string | null
}
