/** POST /v1/chat/completions: the request. The response is in `chat-answer.ts`. */

import { z } from 'zod'
import { checkStreamOptions, type GenerationFields, generationShape } from './fields.ts'
import { type SchemaField, schemaField } from './format-fields.ts'
import { optional } from './optional.ts'

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

export type TextContent =
  | string
  | readonly (TextPart | { readonly type: 'refusal'; readonly refusal: string })[]

export interface FunctionCall {
  readonly name: string
  /** JSON text as in OpenAI's API; an object is also accepted. */
  readonly arguments: string | Readonly<Record<string, unknown>>
}

export interface SentToolCall {
  readonly id?: string | undefined
  readonly type?: 'function' | undefined
  readonly index?: number | undefined
  readonly function: FunctionCall
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content?: TextContent | undefined
  readonly refusal?: string | undefined
  readonly name?: string | undefined
  readonly reasoning_content?: string | undefined
  /** vLLM's newer name for it. */
  readonly reasoning?: string | undefined
  readonly tool_calls?: readonly SentToolCall[] | undefined
  /** OpenAI's older form of a single call. */
  readonly function_call?: FunctionCall | undefined
  /** DeepSeek's: the start of the output, to be continued. */
  readonly prefix?: boolean | undefined
  readonly annotations?: unknown
  readonly audio?: unknown
}

export type ChatMessage =
  | {
      readonly role: 'system' | 'developer' | 'user'
      readonly content: TextContent
      readonly name?: string | undefined
    }
  | AssistantMessage
  | {
      readonly role: 'tool'
      readonly content: TextContent
      readonly tool_call_id: string
      readonly name?: string | undefined
    }
  | { readonly role: 'function'; readonly content: TextContent; readonly name: string }

export interface FunctionDefinition {
  readonly name: string
  readonly description?: string | undefined
  readonly parameters?: SchemaField | undefined
  readonly strict?: boolean | undefined
}

interface NamedTool {
  readonly type: 'function'
  readonly function: { readonly name: string }
}

export type ChatToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | NamedTool
  | {
      readonly type: 'allowed_tools'
      readonly allowed_tools: { readonly mode: 'auto' | 'required'; readonly tools: readonly NamedTool[] }
    }

export interface ChatRequest extends GenerationFields {
  readonly messages: readonly ChatMessage[]
  /** Takes precedence over `max_tokens`, its older name. */
  readonly max_completion_tokens?: number | undefined
  readonly logprobs?: boolean | undefined
  readonly top_logprobs?: number | undefined
  readonly tools?: readonly { readonly type: 'function'; readonly function: FunctionDefinition }[] | undefined
  readonly tool_choice?: ChatToolChoice | undefined
  readonly parallel_tool_calls?: boolean | undefined
  /** OpenAI's older form of tools; an empty list is the same as none. */
  readonly functions?: readonly FunctionDefinition[] | undefined
  readonly function_call?: 'none' | 'auto' | { readonly name: string } | undefined
  readonly reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | undefined
  /** DeepSeek's. */
  readonly thinking?:
    | {
        readonly type?: 'enabled' | 'disabled' | 'adaptive' | undefined
        readonly budget_tokens?: number | undefined
      }
    | undefined
  /** Qwen's. */
  readonly enable_thinking?: boolean | undefined
  /** Maximum reasoning tokens, under the names used by clients; -1 means no limit. */
  readonly thinking_budget_tokens?: number | undefined
  readonly thinking_budget?: number | undefined
  readonly reasoning_budget?: number | undefined
  /** llama-server's; `none` leaves the reasoning in the content. */
  readonly reasoning_format?: 'none' | 'auto' | 'deepseek' | 'deepseek-legacy' | undefined
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | undefined
  readonly add_generation_prompt?: boolean | undefined
  /** vLLM's. By default a final assistant message is continued. */
  readonly continue_final_message?: boolean | undefined
  /** Adds llama-server's `__verbose`. */
  readonly verbose?: boolean | undefined
  /** Parsed only to be rejected where they request something unsupported. */
  readonly modalities?: readonly string[] | undefined
  readonly web_search_options?: unknown
  /** These only make OpenAI's responses faster. */
  readonly prediction?: unknown
  readonly prompt_cache_retention?: unknown
}

const textPart = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('refusal'), refusal: z.string() }),
  ],
  'must be "text" (images, audio and files are not read here)',
)
const textContent = z.union([z.string(), z.array(textPart)], 'must be a string or an array of text parts')
const name = optional(z.string())
const functionName = z.string().min(1).max(256)
const functionCall = z.object({
  name: functionName,
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())], 'must be JSON text'),
})
const toolCall = z.object({
  id: optional(z.string()),
  type: optional(z.literal('function')),
  index: optional(z.int()),
  function: functionCall,
})

const chatMessage = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer', 'user']), content: textContent, name }),
    z.object({
      role: z.literal('assistant'),
      content: optional(textContent),
      refusal: optional(z.string()),
      name,
      reasoning_content: optional(z.string()),
      reasoning: optional(z.string()),
      tool_calls: optional(z.array(toolCall)),
      function_call: optional(functionCall),
      prefix: optional(z.boolean()),
      annotations: optional(z.unknown()),
      audio: optional(z.unknown()),
    }),
    z.object({ role: z.literal('tool'), content: textContent, tool_call_id: z.string(), name }),
    z.object({ role: z.literal('function'), content: textContent, name: functionName }),
  ],
  'must be one of "system", "developer", "user", "assistant", "tool"',
)

const functionDefinition = z.object({
  name: functionName,
  description: optional(z.string()),
  parameters: optional(schemaField),
  strict: optional(z.boolean()),
})
const namedTool = z.object({ type: z.literal('function'), function: z.object({ name: functionName }) })
const toolChoice: z.ZodType<ChatToolChoice> = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    namedTool,
    z.object({
      type: z.literal('allowed_tools'),
      allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(namedTool).min(1) }),
    }),
  ],
  'must be "none", "auto", "required", or name a function',
)
const budget = (): z.ZodType<number | undefined> => optional(z.int().min(-1).max(0x7fff_ffff))

/**
 * The body of `POST /v1/chat/completions`.
 *
 * @example
 * ```ts
 * import { chatRequestSchema, parse } from '@hadal/protocol'
 *
 * const parsed = parse(chatRequestSchema, { messages: [], temperature: 3 })
 * parsed.ok ? [] : parsed.issues.map(({ param, message }) => `${param} ${message}`) // → [ 'temperature must be at most 2, got 3', 'messages must not be empty, got []' ]
 * ```
 */
export const chatRequestSchema: z.ZodType<ChatRequest> = z
  .object({
    ...generationShape,
    messages: z.array(chatMessage).min(1),
    max_completion_tokens: generationShape.max_tokens,
    logprobs: optional(z.boolean()),
    top_logprobs: optional(z.int().min(0).max(20)),
    tools: optional(z.array(z.object({ type: z.literal('function'), function: functionDefinition }))),
    tool_choice: optional(toolChoice),
    parallel_tool_calls: optional(z.boolean()),
    functions: optional(z.array(functionDefinition)).transform((given) =>
      given?.length ? given : undefined,
    ),
    function_call: optional(
      z.union(
        [z.enum(['none', 'auto']), z.object({ name: functionName })],
        'must be "none", "auto", or name a function',
      ),
    ),
    reasoning_effort: optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])),
    thinking: optional(
      z.object({ type: optional(z.enum(['enabled', 'disabled', 'adaptive'])), budget_tokens: budget() }),
    ),
    enable_thinking: optional(z.boolean()),
    thinking_budget_tokens: budget(),
    thinking_budget: budget(),
    reasoning_budget: budget(),
    reasoning_format: optional(z.enum(['none', 'auto', 'deepseek', 'deepseek-legacy'])),
    chat_template_kwargs: optional(z.record(z.string(), z.unknown())),
    add_generation_prompt: optional(z.boolean()),
    continue_final_message: optional(z.boolean()),
    verbose: optional(z.boolean()),
    modalities: optional(z.array(z.string())),
    web_search_options: optional(z.unknown()),
    prediction: optional(z.unknown()),
    prompt_cache_retention: optional(z.unknown()),
  })
  .superRefine(checkStreamOptions)
  .superRefine((body, context) => {
    if (body.functions !== undefined && body.tools?.length)
      context.addIssue({ code: 'custom', path: ['functions'], message: 'cannot stand beside "tools"' })
    if (body.top_logprobs !== undefined && body.logprobs !== true)
      context.addIssue({ code: 'custom', path: ['top_logprobs'], message: 'needs "logprobs": true' })
  })
