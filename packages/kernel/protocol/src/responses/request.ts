/**
 * POST /v1/responses: the request, following OpenAI's API reference and SDK
 * (https://platform.openai.com/docs/api-reference/responses), with the sampling fields of the other routes. Known but
 * unsupported items, parts and tools are accepted by type only, so that later code can reject them with a clear error.
 */

import { z } from 'zod'
import { optional, type Shape } from '../openai/optional.ts'
import { type SamplingFields, samplingShape } from '../openai/sampling-fields.ts'

/** A part of a message or of a tool's output. Supported types are checked later. */
export interface ResponseInputPart {
  readonly type: string
  readonly text?: string | undefined
  readonly refusal?: string | undefined
}

/** @internal */
export type ResponseContent = string | readonly ResponseInputPart[]

export interface ResponseInputMessage {
  readonly type?: 'message' | undefined
  readonly role: 'user' | 'assistant' | 'system' | 'developer'
  readonly content: ResponseContent
}

export interface ResponseCallInput {
  readonly type: 'function_call'
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

export interface ResponseCallOutput {
  readonly type: 'function_call_output'
  readonly call_id: string
  readonly output: ResponseContent
}

export interface ResponseReasoningInput {
  readonly type: 'reasoning'
  readonly summary?: readonly { readonly text: string }[] | undefined
  readonly content?: readonly { readonly text: string }[] | undefined
  readonly encrypted_content?: string | undefined
}

/** References an item of an earlier response. */
export interface ResponseItemReference {
  readonly type: 'item_reference'
  readonly id: string
}

/** For built-in tools, or for stored conversations. */
export interface UnservedItem {
  readonly type: (typeof unservedItems)[number]
}

export type ResponseInputItem =
  | ResponseInputMessage
  | ResponseCallInput
  | ResponseCallOutput
  | ResponseReasoningInput
  | ResponseItemReference
  | UnservedItem

export interface ResponseTool {
  /** Anything but `function` is a built-in tool. */
  readonly type: string
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  readonly strict?: boolean | undefined
}

export type ResponseToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | {
      readonly type: string
      readonly name?: string | undefined
      /** For `allowed_tools`. */
      readonly mode?: 'auto' | 'required' | undefined
      readonly tools?:
        | readonly { readonly type?: string | undefined; readonly name?: string | undefined }[]
        | undefined
    }

export type ResponseTextFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly name: string
      readonly schema: Readonly<Record<string, unknown>>
      readonly description?: string | undefined
      readonly strict?: boolean | undefined
    }

export interface ResponseReasoningConfig {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | undefined
  readonly summary?: 'auto' | 'concise' | 'detailed' | undefined
  /** The former name of `summary`. */
  readonly generate_summary?: 'auto' | 'concise' | 'detailed' | undefined
}

export interface ResponsePromptFields {
  readonly model?: string | undefined
  readonly input: string | readonly ResponseInputItem[]
  readonly instructions?: string | undefined
  readonly tools?: readonly ResponseTool[] | undefined
  readonly tool_choice?: ResponseToolChoice | undefined
  readonly parallel_tool_calls?: boolean | undefined
  readonly text?:
    | { readonly format?: ResponseTextFormat | undefined; readonly verbosity?: string | undefined }
    | undefined
  readonly reasoning?: ResponseReasoningConfig | undefined
  readonly truncation?: 'auto' | 'disabled' | undefined
  /** Parsed only to be rejected: nothing is stored. */
  readonly previous_response_id?: string | undefined
  readonly conversation?: unknown
}

export interface ResponseRequest extends ResponsePromptFields, SamplingFields {
  readonly stream?: boolean | undefined
  readonly stop?: string | readonly string[] | undefined
  readonly max_output_tokens?: number | undefined
  readonly top_logprobs?: number | undefined
  readonly include?: readonly (typeof includable)[number][] | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly user?: string | undefined
  readonly safety_identifier?: string | undefined
  readonly prompt_cache_key?: string | undefined
  readonly max_tool_calls?: number | undefined
  /** Without effect: nothing is stored, and there is one tier, one cache and one streaming mode. */
  readonly store?: boolean | undefined
  readonly service_tier?: string | undefined
  readonly stream_options?: { readonly include_obfuscation?: boolean | undefined } | undefined
  readonly prompt_cache_retention?: unknown
  readonly prompt_cache_options?: unknown
  /** llama-server's: adds timings to stream events. */
  readonly timings_per_token?: boolean | undefined
  readonly return_progress?: boolean | undefined
  /** Parsed only to be rejected. */
  readonly background?: boolean | undefined
  readonly prompt?: unknown
}

/** OpenAI's item types for unsupported tools and storage. */
const unservedItems = [
  'file_search_call',
  'computer_call',
  'computer_call_output',
  'web_search_call',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'compaction',
  'compaction_trigger',
  'image_generation_call',
  'code_interpreter_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'custom_tool_call',
  'custom_tool_call_output',
  'program',
  'program_output',
] as const

/** All but the first two belong to unsupported tools. */
const includable = [
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'message.input_image.image_url',
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
] as const

const object = z.record(z.string(), z.unknown())
/** Accepted without effect. */
const ignored = optional(z.unknown())
const part = z.object({
  type: z.string(),
  text: optional(z.string()),
  refusal: optional(z.string()),
  annotations: ignored,
  logprobs: ignored,
  prompt_cache_breakpoint: ignored,
  // Added by the SDK to parsed output.
  parsed: ignored,
})
const content = z.union([z.string(), z.array(part)], 'must be a string or an array of content parts')
const texts = optional(z.array(z.object({ type: ignored, text: z.string() })))
/** Items copied from an earlier response. */
const echoed = { id: ignored, status: ignored }

const item = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('message').optional(),
      role: z.enum(['user', 'assistant', 'system', 'developer']),
      content,
      phase: ignored,
      ...echoed,
    }),
    z.object({
      type: z.literal('function_call'),
      call_id: z.string(),
      name: z.string().min(1),
      arguments: z.string(),
      parsed_arguments: ignored,
      caller: ignored,
      ...echoed,
    }),
    z.object({
      type: z.literal('function_call_output'),
      call_id: z.string(),
      output: content,
      caller: ignored,
      ...echoed,
    }),
    z.object({
      type: z.literal('reasoning'),
      summary: texts,
      content: texts,
      encrypted_content: optional(z.string()),
      ...echoed,
    }),
    z.object({ type: z.literal('item_reference'), id: z.string() }),
    z.object({ type: z.enum(unservedItems) }),
  ],
  'must be one of "message", "function_call", "function_call_output", "reasoning"',
)

const tool = z
  .object({
    type: z.string(),
    name: optional(z.string().min(1)),
    description: optional(z.string()),
    parameters: optional(object),
    strict: optional(z.boolean()),
    allowed_callers: ignored,
    defer_loading: ignored,
    output_schema: ignored,
  })
  .superRefine((value, context) => {
    if (value.type === 'function' && value.name === undefined)
      context.addIssue({ code: 'custom', path: ['name'], message: 'is required' })
  })

const toolChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    z.object({
      type: z.string(),
      name: optional(z.string()),
      mode: optional(z.enum(['auto', 'required'])),
      tools: optional(z.array(z.object({ type: optional(z.string()), name: optional(z.string()) }))),
    }),
  ],
  'must be "none", "auto", "required" or an object that names a function',
)

const format = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      name: z.string().min(1),
      schema: object,
      description: optional(z.string()),
      strict: optional(z.boolean()),
    }),
  ],
  'must be one of "text", "json_object", "json_schema"',
)

const summary = z.enum(['auto', 'concise', 'detailed'])

const promptShape: Shape<ResponsePromptFields> = {
  model: optional(z.string()),
  input: z.union([z.string(), z.array(item)], 'must be a string or an array of items'),
  instructions: optional(z.string()),
  tools: optional(z.array(tool)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  text: optional(z.object({ format: optional(format), verbosity: optional(z.string()) })),
  reasoning: optional(
    z.object({
      effort: optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])),
      summary: optional(summary),
      generate_summary: optional(summary),
      context: ignored,
      mode: ignored,
    }),
  ),
  truncation: optional(z.enum(['auto', 'disabled'])),
  previous_response_id: optional(z.string()),
  conversation: optional(z.unknown()),
}

/**
 * The body that counts the input tokens of a response.
 *
 * @example
 * ```ts
 * import { parse, responseCountSchema } from '@hadal/protocol'
 *
 * parse(responseCountSchema, { model: 'default', input: 'Hi' }).ok // → true
 * ```
 */
export const responseCountSchema: z.ZodType<ResponsePromptFields> = z.object(promptShape)

const stop = z.string().min(1)

/**
 * The body of `POST /v1/responses`.
 *
 * @example
 * ```ts
 * import { parse, responseRequestSchema } from '@hadal/protocol'
 *
 * parse(responseRequestSchema, { model: 'default', input: 'Hi' }).ok // → true
 * ```
 */
export const responseRequestSchema: z.ZodType<ResponseRequest> = z.object({
  ...promptShape,
  ...samplingShape,
  stream: optional(z.boolean()),
  stop: optional(
    z.union([stop, z.array(stop).max(64)], 'must be a string or an array of at most 64 strings'),
  ),
  max_output_tokens: optional(z.int().min(1)),
  top_logprobs: optional(z.int().min(0).max(20)),
  include: optional(z.array(z.enum(includable))),
  metadata: optional(z.record(z.string(), z.string())),
  user: optional(z.string()),
  safety_identifier: optional(z.string()),
  prompt_cache_key: optional(z.string()),
  max_tool_calls: optional(z.int().min(1)),
  store: optional(z.boolean()),
  service_tier: optional(z.string()),
  stream_options: optional(z.object({ include_obfuscation: optional(z.boolean()) })),
  prompt_cache_retention: ignored,
  prompt_cache_options: ignored,
  timings_per_token: optional(z.boolean()),
  return_progress: optional(z.boolean()),
  background: optional(z.boolean()),
  prompt: optional(z.unknown()),
})
