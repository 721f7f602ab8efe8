/** Responses of chat completions: one body, or the chunks of a stream. */

import type { NativeProgress, NativeTimings } from '../llama-server/completion-answer.ts'
import type { Usage } from './usage.ts'

export interface ToolCall {
  /** DeepSeek's. */
  readonly index: number
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export type ChatFinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  /** For requests with `functions`, the older form of tools. */
  | 'function_call'
  | 'content_filter'
  /** DeepSeek's. */
  | 'insufficient_system_resource'

export interface ChatTokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[]
}

type DescribedToken = ChatTokenLogprob & { readonly top_logprobs: readonly ChatTokenLogprob[] }

export interface ChatLogprobs {
  readonly content: readonly DescribedToken[] | null
  /** DeepSeek's; absent if there was no reasoning. */
  readonly reasoning_content?: readonly DescribedToken[]
  readonly refusal: null
}

export interface ChatAnswerMessage {
  readonly role: 'assistant'
  /** `null` if there are only tool calls. */
  readonly content: string | null
  readonly refusal: null
  readonly annotations: readonly []
  readonly reasoning_content?: string
  readonly tool_calls?: readonly ToolCall[]
  readonly function_call?: ToolCall['function']
}

interface Answer {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  /** Changes with anything that could change the response to the same request and seed. */
  readonly system_fingerprint: string
  /** OpenAI's service tier: there is only one here. */
  readonly service_tier: 'default'
  /** llama-server's, if there is one choice; in a stream on its last chunk, and on others if requested. */
  readonly timings?: NativeTimings
  /** Prompt progress, on a stream's first chunks if requested. */
  readonly prompt_progress?: NativeProgress
}

/**
 * The response of `POST /v1/chat/completions`.
 *
 * @example
 * ```ts
 * import type { ChatCompletion } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/chat/completions', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }),
 * })
 * const answer = (await response.json()) as ChatCompletion
 * ```
 */
export interface ChatCompletion extends Answer {
  readonly object: 'chat.completion'
  readonly choices: readonly {
    readonly index: number
    readonly message: ChatAnswerMessage
    readonly logprobs: ChatLogprobs | null
    readonly finish_reason: ChatFinishReason
  }[]
  readonly usage: Usage
  /** llama-server's, if requested with `verbose`: the response in its native format, with the prompt. */
  readonly __verbose?: unknown
}

export interface ChatDelta {
  readonly role?: 'assistant'
  readonly content?: string | null
  readonly refusal?: null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly {
    readonly index: number
    readonly id?: string
    readonly type?: 'function'
    readonly function: { readonly name?: string; readonly arguments: string }
  }[]
  readonly function_call?: { readonly name?: string; readonly arguments: string }
}

/**
 * An event in the response stream of `POST /v1/chat/completions`.
 *
 * @example
 * ```ts
 * import { type ChatChunk, SseDecoder } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/chat/completions', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], stream: true }),
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) {
 *     if (data !== '[DONE]') console.log(JSON.parse(data) as ChatChunk)
 *   }
 * }
 * ```
 */
export interface ChatChunk extends Answer {
  readonly object: 'chat.completion.chunk'
  readonly choices: readonly {
    readonly index: number
    readonly delta: ChatDelta
    readonly logprobs: ChatLogprobs | null
    readonly finish_reason: ChatFinishReason | null
  }[]
  /** If requested: `null` until the last chunk, whose `choices` is empty. */
  readonly usage?: Usage | null
}
