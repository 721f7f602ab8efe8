/** What a family of models has of its own: how it writes calls, how tools are described to it, how its calls are constrained. */

import type { CallGrammar } from '../constrain/call-grammar.ts'
import type { Tool, ToolCall } from '../conversation.ts'
import type { AnswerReader } from '../parse/answer.ts'

export type FamilyName =
  | 'deepseek-v3'
  | 'deepseek-v3.1'
  | 'deepseek-dsml'
  | 'hermes'
  | 'qwen-xml'
  | 'llama-3'
  | 'mistral'
  | 'gpt-oss'
  | 'generic'

export interface Family {
  readonly name: FamilyName
  readonly read: AnswerReader
  readonly grammar: CallGrammar
  /** Describes tools in the system message, where the template does not. */
  describe(tools: readonly Tool[]): string
  /** Calls of earlier turns as text, where the template does not write them. */
  writeCalls(calls: readonly ToolCall[]): string
  /** An id in the form the family asks for. */
  callId?(id: string): string
}
