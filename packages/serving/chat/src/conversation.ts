/** A conversation, and what a model makes of it, as every API dialect means them. Knows no wire format and no model family. */

import type { JsonSchema } from '@hadal/grammar'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly name?: string
  /** What an assistant thought before it answered. */
  readonly reasoning?: string
  readonly toolCalls?: readonly ToolCall[]
  /** Of a tool's result: the call it answers. */
  readonly toolCallId?: string
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON, as the model wrote it. */
  readonly arguments: string
}

export interface Tool {
  readonly name: string
  readonly description?: string
  /** Of the arguments; absent means any object. */
  readonly parameters?: JsonSchema
  /** Its arguments are held to the schema by a grammar, whatever `toolChoice` says. */
  readonly strict?: boolean
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/** What the text of the answer must be. */
export type AnswerFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly schema: JsonSchema }
  | { readonly type: 'gbnf'; readonly gbnf: string }
  | { readonly type: 'regex'; readonly pattern: string }

/** What of a model matters here. */
export interface ChatModel {
  readonly id: string
  readonly architecture: string
  /** Jinja; absent means ChatML. */
  readonly chatTemplate?: string
  /** Jinja; instead of `chatTemplate` for requests with tools. */
  readonly toolTemplate?: string
  readonly bosToken: string
  readonly eosToken: string
  readonly controlTokens: readonly string[]
}

export interface Chat {
  readonly messages: readonly Message[]
  readonly tools?: readonly Tool[]
  /** `auto` by default where there are tools. */
  readonly toolChoice?: ToolChoice
  /** Several calls in one answer; true by default. */
  readonly parallelToolCalls?: boolean
  /** Whether the model shall reason first; absent means that it may, where its template leaves the choice. */
  readonly thinking?: boolean
  readonly effort?: 'low' | 'medium' | 'high' | 'max'
  /** Most tokens of reasoning; absent means no limit. */
  readonly thinkingBudget?: number
  readonly format?: AnswerFormat
  /** The last message is the beginning of the answer, to be continued. */
  readonly continueLast?: boolean
  /** Whether the prompt ends where the assistant begins to speak; true by default. */
  readonly addGenerationPrompt?: boolean
  /** Variables for the template, beside its own. */
  readonly templateArguments?: Readonly<Record<string, unknown>>
}

/** A part of an answer, in the order it was written. */
export type OutputPart =
  | { readonly type: 'content'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A call begins. `index` counts the calls of one answer. */
  | { readonly type: 'tool'; readonly index: number; readonly id: string; readonly name: string }
  /** More of its arguments, as JSON text. */
  | { readonly type: 'arguments'; readonly index: number; readonly text: string }

/** Reads what a model writes, piece by piece; the same parts come out wherever the text was cut. */
export interface OutputParser {
  push(text: string): readonly OutputPart[]
  /** No more text comes: what was held back. */
  end(): readonly OutputPart[]
}

/** A chat made ready for an engine. */
export interface PreparedChat {
  /** Pieces of which no special token is to be read across a border: text from users cannot pass for markup. */
  readonly pieces: readonly string[]
  readonly grammar?: { readonly gbnf: string; readonly after?: readonly string[] }
  readonly thinking?: { readonly budget: number; readonly start: string; readonly end: string }
  /** Texts that end the model's turn, beside its own end-of-generation tokens. */
  readonly stop: readonly string[]
  /** The parser reads control tokens: the engine has to write them out (`GenerateRequest.controlText`). */
  readonly controlText?: boolean
  /** One for each answer. */
  parser(): OutputParser
}
