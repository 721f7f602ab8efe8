/**
 * POST /v1/messages and /v1/messages/count_tokens: the request, following Anthropic's API reference and SDK
 * (https://docs.claude.com/en/api/messages). Known but unsupported blocks and tools are accepted by type only, so that later
 * code can reject them with a clear error.
 */

import { z } from 'zod'
import { longestUserId } from '../openai/fields.ts'
import { optional, type Shape } from '../openai/optional.ts'
import { type SamplingFields, samplingShape } from '../openai/sampling-fields.ts'

export interface AnthropicTextBlock {
  readonly type: 'text'
  readonly text: string
}

export interface AnthropicToolUse {
  readonly type: 'tool_use'
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface AnthropicToolResult {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  readonly content?: string | readonly (AnthropicTextBlock | UnservedBlock)[] | undefined
  readonly is_error?: boolean | undefined
}

export interface AnthropicThinking {
  readonly type: 'thinking'
  readonly thinking: string
  readonly signature?: string | undefined
}

export interface AnthropicRedactedThinking {
  readonly type: 'redacted_thinking'
  readonly data: string
}

/** Content types of Anthropic's API that a text model cannot process. */
export interface UnservedBlock {
  readonly type: (typeof unservedBlocks)[number]
}

export type AnthropicBlock =
  | AnthropicTextBlock
  | AnthropicToolUse
  | AnthropicToolResult
  | AnthropicThinking
  | AnthropicRedactedThinking
  | UnservedBlock

export interface AnthropicMessageParam {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string | readonly AnthropicBlock[]
}

export interface AnthropicTool {
  /** Anything but `custom` is a tool defined by Anthropic. */
  readonly type?: string | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly input_schema?: Readonly<Record<string, unknown>> | undefined
  readonly strict?: boolean | undefined
}

export interface AnthropicToolChoice {
  readonly type: 'auto' | 'any' | 'tool' | 'none'
  /** For `tool`. */
  readonly name?: string | undefined
  readonly disable_parallel_tool_use?: boolean | undefined
}

export interface AnthropicThinkingConfig {
  readonly type: 'enabled' | 'disabled' | 'adaptive' | 'between_tools'
  readonly budget_tokens?: number | undefined
  /** `omitted`: only the signature of the thinking is returned. */
  readonly display?: 'summarized' | 'omitted' | undefined
}

export interface AnthropicOutputFormat {
  readonly type: 'json_schema'
  readonly schema: Readonly<Record<string, unknown>>
}

/** The fields that determine the prompt. */
export interface AnthropicPromptFields {
  readonly model?: string | undefined
  readonly system?: string | readonly AnthropicTextBlock[] | undefined
  readonly messages: readonly AnthropicMessageParam[]
  readonly tools?: readonly AnthropicTool[] | undefined
  readonly tool_choice?: AnthropicToolChoice | undefined
  readonly thinking?: AnthropicThinkingConfig | undefined
  readonly output_config?:
    | {
        readonly effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | undefined
        readonly format?: AnthropicOutputFormat | undefined
      }
    | undefined
  /** The former name of `output_config.format`. */
  readonly output_format?: AnthropicOutputFormat | undefined
  readonly mcp_servers?: readonly unknown[] | undefined
  readonly cache_control?: unknown
  readonly speed?: unknown
  readonly user_profile_id?: unknown
  readonly workspace_id?: unknown
}

export interface AnthropicRequest extends AnthropicPromptFields, SamplingFields {
  readonly max_tokens: number
  readonly stop_sequences?: readonly string[] | undefined
  readonly stream?: boolean | undefined
  readonly metadata?: { readonly user_id?: string | undefined } | undefined
  readonly service_tier?: string | undefined
  readonly inference_geo?: unknown
  /** For server tools of Anthropic. */
  readonly container?: unknown
  readonly diagnostics?: unknown
}

/** Anthropic's block types other than text. */
const unservedBlocks = [
  'image',
  'document',
  'search_result',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'tool_reference',
  'container_upload',
  'mcp_tool_use',
  'mcp_tool_result',
  'browser_state',
] as const

const object = z.record(z.string(), z.unknown())
/** Accepted without effect: prefixes are always cached. */
const ignored = optional(z.unknown())
const textBlock = z.object({
  type: z.literal('text'),
  text: z.string(),
  cache_control: ignored,
  citations: ignored,
})
const unservedBlock = z.object({ type: z.enum(unservedBlocks) })
const resultBlock = z.discriminatedUnion('type', [textBlock, unservedBlock], 'must be "text"')

const block = z.discriminatedUnion(
  'type',
  [
    textBlock,
    z.object({
      type: z.literal('tool_use'),
      id: z.string(),
      name: z.string().min(1),
      input: z.unknown(),
      caller: ignored,
      cache_control: ignored,
      toolset_name: ignored,
    }),
    z.object({
      type: z.literal('tool_result'),
      tool_use_id: z.string(),
      content: optional(
        z.union([z.string(), z.array(resultBlock)], 'must be a string or an array of text blocks'),
      ),
      is_error: optional(z.boolean()),
      cache_control: ignored,
      toolset_name: ignored,
    }),
    z.object({ type: z.literal('thinking'), thinking: z.string(), signature: optional(z.string()) }),
    z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
    unservedBlock,
  ],
  'must be one of "text", "tool_use", "tool_result", "thinking", "redacted_thinking"',
)

const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(block)], 'must be a string or an array of content blocks'),
})

const tool = z
  .object({
    type: optional(z.string()),
    name: optional(z.string().min(1)),
    description: optional(z.string()),
    input_schema: optional(object),
    strict: optional(z.boolean()),
    allowed_callers: ignored,
    cache_control: ignored,
    defer_loading: ignored,
    eager_input_streaming: ignored,
    input_examples: ignored,
  })
  .superRefine((value, context) => {
    if (value.type !== undefined && value.type !== 'custom') return
    for (const field of ['name', 'input_schema'] as const)
      if (value[field] === undefined)
        context.addIssue({ code: 'custom', path: [field], message: 'is required' })
  })

const format = z.object({ type: z.literal('json_schema'), schema: object })

const promptShape: Shape<AnthropicPromptFields> = {
  model: optional(z.string()),
  system: optional(z.union([z.string(), z.array(textBlock)], 'must be a string or an array of text blocks')),
  messages: z.array(message),
  tools: optional(z.array(tool)),
  tool_choice: optional(
    z.object({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: optional(z.string()),
      disable_parallel_tool_use: optional(z.boolean()),
    }),
  ),
  thinking: optional(
    z.object({
      type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
      budget_tokens: optional(z.int().min(1)),
      display: optional(z.enum(['summarized', 'omitted'])),
    }),
  ),
  output_config: optional(
    z.object({
      effort: optional(z.enum(['low', 'medium', 'high', 'xhigh', 'max'])),
      format: optional(format),
    }),
  ),
  output_format: optional(format),
  mcp_servers: optional(z.array(z.unknown())),
  cache_control: ignored,
  speed: ignored,
  user_profile_id: ignored,
  workspace_id: ignored,
}

/** Validates fields that depend on each other. */
function checkTools(body: AnthropicPromptFields, context: z.RefinementCtx): void {
  const { tools = [], tool_choice: choice } = body
  if (choice?.type === 'any' && tools.length === 0)
    context.addIssue({ code: 'custom', path: ['tool_choice'], message: 'needs tools to choose from' })
  if (choice?.type === 'tool' && !tools.some(({ name }) => name !== undefined && name === choice.name))
    context.addIssue({ code: 'custom', path: ['tool_choice', 'name'], message: 'must be the name of a tool' })
  const last = body.messages.at(-1)
  if (
    last?.role === 'assistant' &&
    typeof last.content !== 'string' &&
    last.content.some(({ type }) => type === 'tool_use')
  )
    context.addIssue({
      code: 'custom',
      path: ['messages', body.messages.length - 1],
      message: 'calls a tool, so a user message with its "tool_result" must follow',
    })
}

/**
 * The body of `POST /v1/messages/count_tokens`.
 *
 * @example
 * ```ts
 * import { anthropicCountSchema, parse } from '@hadal/protocol'
 *
 * parse(anthropicCountSchema, { model: 'default', messages: [{ role: 'user', content: 'Hi' }] }).ok // → true
 * ```
 */
export const anthropicCountSchema: z.ZodType<AnthropicPromptFields> = z
  .object(promptShape)
  .superRefine(checkTools)

/**
 * The body of `POST /v1/messages` in Anthropic's API.
 *
 * @example
 * ```ts
 * import { anthropicRequestSchema, parse } from '@hadal/protocol'
 *
 * const parsed = parse(anthropicRequestSchema, { model: 'default', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] })
 * parsed.ok // → true
 * ```
 */
export const anthropicRequestSchema: z.ZodType<AnthropicRequest> = z
  .object({
    ...promptShape,
    ...samplingShape,
    max_tokens: z.int().min(1),
    stop_sequences: optional(z.array(z.string().min(1)).max(64)),
    stream: optional(z.boolean()),
    metadata: optional(z.object({ user_id: optional(z.string().max(longestUserId)) })),
    service_tier: optional(z.string()),
    inference_geo: ignored,
    container: ignored,
    diagnostics: ignored,
  })
  .superRefine(checkTools)
