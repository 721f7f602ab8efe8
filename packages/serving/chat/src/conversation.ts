/** The internal conversation format, to which every API dialect is translated. Independent of wire formats and model families. */

import type { JsonSchema } from '@hadal/grammar'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly name?: string
  /** The assistant's reasoning before its response. */
  readonly reasoning?: string
  readonly toolCalls?: readonly ToolCall[]
  /** For a tool result: the id of its call. */
  readonly toolCallId?: string
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON as the model wrote it. */
  readonly arguments: string
}

export interface Tool {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments; absent: any object. */
  readonly parameters?: JsonSchema
  /** Always enforces the schema by grammar, whatever `toolChoice` is. */
  readonly strict?: boolean
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/** Required format of the response. */
export type AnswerFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly schema: JsonSchema }
  | { readonly type: 'gbnf'; readonly gbnf: string }
  | { readonly type: 'regex'; readonly pattern: string }

/** Model properties relevant for chats. */
export interface ChatModel {
  readonly id: string
  readonly architecture: string
  /** Jinja; absent: ChatML. */
  readonly chatTemplate?: string
  /** Jinja; replaces `chatTemplate` for requests with tools. */
  readonly toolTemplate?: string
  readonly bosToken: string
  readonly eosToken: string
  readonly controlTokens: readonly string[]
}

export interface Chat {
  readonly messages: readonly Message[]
  readonly tools?: readonly Tool[]
  /** Default `auto` if there are tools. */
  readonly toolChoice?: ToolChoice
  /** Allow several calls per response; default true. */
  readonly parallelToolCalls?: boolean
  /** Whether the model must reason first; absent: it may, if its template allows both. */
  readonly thinking?: boolean
  readonly effort?: 'low' | 'medium' | 'high' | 'max'
  /** Maximum reasoning tokens; absent: unlimited. */
  readonly thinkingBudget?: number
  readonly format?: AnswerFormat
  /** The last message is the start of the response, to be continued. */
  readonly continueLast?: boolean
  /** Whether the prompt ends with the start of the assistant's turn; default true. */
  readonly addGenerationPrompt?: boolean
  /** Additional template variables. */
  readonly templateArguments?: Readonly<Record<string, unknown>>
}

/** A part of a response, in order. */
export type OutputPart =
  | { readonly type: 'content'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** Starts a call. `index` counts the calls of a response. */
  | { readonly type: 'tool'; readonly index: number; readonly id: string; readonly name: string }
  /** A chunk of its arguments as JSON text. */
  | { readonly type: 'arguments'; readonly index: number; readonly text: string }

/** Parses model output incrementally; the result does not depend on how the text is split. */
export interface OutputParser {
  push(text: string): readonly OutputPart[]
  /** Returns held-back parts at the end of the text. */
  end(): readonly OutputPart[]
}

/** A chat prepared for an engine. */
export interface PreparedChat {
  /** Special tokens are never parsed across piece boundaries, so user text cannot form markup. */
  readonly pieces: readonly string[]
  readonly grammar?: { readonly gbnf: string; readonly after?: readonly string[] }
  readonly thinking?: { readonly budget: number; readonly start: string; readonly end: string }
  /** Stop strings that end the turn, in addition to the model's end-of-generation tokens. */
  readonly stop: readonly string[]
  /** The parser needs control tokens as text (`GenerateRequest.controlText`). */
  readonly controlText?: boolean
  /** Creates a parser for one response. */
  parser(): OutputParser
}
