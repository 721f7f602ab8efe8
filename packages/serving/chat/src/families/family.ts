/** The parts specific to a model family: call format, tool descriptions and call grammar. */

import type { CallGrammar } from '../constrain/call-grammar.ts'
import type { Chat, Message, Tool, ToolCall } from '../conversation.ts'
import type { AnswerReader, ReasoningMarks } from '../parse/answer.ts'

export type FamilyName =
  | 'deepseek-v3'
  | 'deepseek-v3.1'
  | 'deepseek-dsml'
  | 'hermes'
  | 'qwen-xml'
  | 'glm'
  | 'llama-3'
  | 'mistral'
  | 'gpt-oss'
  | 'generic'

export interface Family {
  readonly name: FamilyName
  readonly read: AnswerReader
  readonly grammar: CallGrammar
  readonly channels?: Channels
  /** Describes tools in the system message, if the template does not. */
  describe(tools: readonly Tool[]): string
  /** Formats calls of earlier turns, if the template does not. */
  writeCalls(calls: readonly ToolCall[]): string
  /** Converts an id to the family's format. */
  callId?(id: string): string
  /** Template fields of a message beyond OpenAI's. */
  ownFields?(message: Message): Readonly<Record<string, unknown>>
  /** Additional template variables. */
  ownVariables?(chat: Chat): Readonly<Record<string, unknown>>
}

/** How a family marks the parts of a response that others write consecutively. */
export interface Channels {
  readonly reasoning: ReasoningMarks
  /** Starts the next part. */
  readonly next: string
  readonly text: string
  readonly call: string
}
