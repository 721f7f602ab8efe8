/** POST /v1/chat/completions: the request, the answer, and the chunks of a streamed answer. */

import { z } from 'zod'
import { checkStreamOptions, type GenerationFields, generationShape, optional } from './fields.ts'
import type { Usage } from './usage.ts'

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

export type TextContent = string | readonly TextPart[]

export interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export type ChatMessage =
  | {
      readonly role: 'system' | 'developer' | 'user'
      readonly content: TextContent
      readonly name?: string | undefined
    }
  | {
      readonly role: 'assistant'
      readonly content?: TextContent | undefined
      readonly name?: string | undefined
      readonly reasoning_content?: string | undefined
      readonly tool_calls?: readonly ToolCall[] | undefined
    }
  | { readonly role: 'tool'; readonly content: TextContent; readonly tool_call_id: string }

export interface ChatRequest extends GenerationFields {
  readonly messages: readonly ChatMessage[]
  /** Wins over `max_tokens`, its older name. */
  readonly max_completion_tokens?: number | undefined
  readonly logprobs?: boolean | undefined
  readonly top_logprobs?: number | undefined
  /** Read only to be refused where it asks for what is not served. */
  readonly response_format?: { readonly type: string } | undefined
  readonly tools?: readonly unknown[] | undefined
  readonly tool_choice?: unknown
  readonly functions?: readonly unknown[] | undefined
  readonly modalities?: readonly string[] | undefined
}

const textPart = z.discriminatedUnion(
  'type',
  [z.object({ type: z.literal('text'), text: z.string() })],
  'must be "text"',
)
const textContent = z.union([z.string(), z.array(textPart)], 'must be a string or an array of text parts')
const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})
const name = optional(z.string())

const chatMessage = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer', 'user']), content: textContent, name }),
    z.object({
      role: z.literal('assistant'),
      content: optional(textContent),
      name,
      reasoning_content: optional(z.string()),
      tool_calls: optional(z.array(toolCall)),
    }),
    z.object({ role: z.literal('tool'), content: textContent, tool_call_id: z.string() }),
  ],
  'must be one of "system", "developer", "user", "assistant", "tool"',
)

export const chatRequestSchema: z.ZodType<ChatRequest> = z
  .object({
    ...generationShape,
    messages: z.array(chatMessage).min(1),
    max_completion_tokens: optional(z.int().min(1)),
    logprobs: optional(z.boolean()),
    top_logprobs: optional(z.int().min(0).max(20)),
    response_format: optional(z.object({ type: z.string() })),
    tools: optional(z.array(z.unknown())),
    tool_choice: optional(z.unknown()),
    functions: optional(z.array(z.unknown())),
    modalities: optional(z.array(z.string())),
  })
  .superRefine(checkStreamOptions)
  .superRefine((body, context) => {
    if (body.top_logprobs !== undefined && body.logprobs !== true)
      context.addIssue({ code: 'custom', path: ['top_logprobs'], message: 'needs "logprobs": true' })
  })

export type ChatFinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  /** DeepSeek's. */
  | 'insufficient_system_resource'

export interface ChatTokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[]
}

export interface ChatLogprobs {
  readonly content: readonly (ChatTokenLogprob & { readonly top_logprobs: readonly ChatTokenLogprob[] })[]
  readonly refusal: null
}

export interface ChatCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly message: { readonly role: 'assistant'; readonly content: string; readonly refusal: null }
    readonly logprobs: ChatLogprobs | null
    readonly finish_reason: ChatFinishReason
  }[]
  readonly usage: Usage
}

export interface ChatChunk {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: { readonly role?: 'assistant'; readonly content?: string }
    readonly logprobs: ChatLogprobs | null
    readonly finish_reason: ChatFinishReason | null
  }[]
  /** Present when asked for: `null` until the last chunk, whose `choices` is empty. */
  readonly usage?: Usage | null
}
