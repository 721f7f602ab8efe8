/** What a family of models has of its own: how it writes calls, how tools are described to it, how its calls are constrained. */

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
  /** Describes tools in the system message, where the template does not. */
  describe(tools: readonly Tool[]): string
  /** Calls of earlier turns as text, where the template does not write them. */
  writeCalls(calls: readonly ToolCall[]): string
  /** An id in the form the family asks for. */
  callId?(id: string): string
  /** What its templates look for in a message, beside what OpenAI's API has. */
  ownFields?(message: Message): Readonly<Record<string, unknown>>
  /** The same for the variables of the whole. */
  ownVariables?(chat: Chat): Readonly<Record<string, unknown>>
}

/** How a family announces the parts of an answer that others write one after the other. */
export interface Channels {
  readonly reasoning: ReasoningMarks
  /** Begins a part after another one. */
  readonly next: string
  readonly text: string
  readonly call: string
}
