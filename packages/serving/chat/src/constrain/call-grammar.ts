/** How the calls of a family are written as a grammar; each family says it in its own file, with the rules that it is handed. */

import type { Tool } from '../conversation.ts'

/** A piece of a grammar: an expression, which may refer to rules that were added on the way. */
export interface Expression {
  readonly gbnf: string
}

/** A string stands for itself. */
export type Term = string | Expression

export interface CallRules {
  sequence(...terms: readonly Term[]): Expression
  choice(...terms: readonly Term[]): Expression
  optional(term: Term): Expression
  /** One, or with `parallel` one or more with `between` between them. */
  several(term: Term, between: string, parallel: boolean): Expression
  /** Arguments as a JSON object. */
  argumentsOf(tool: Tool): Expression
  /** `{"name": "f", "arguments": {}}` for one of the tools; with `idKey`, an id of nine characters after them. */
  callObject(tools: readonly Tool[], nameKey: string, argumentsKey: string, idKey?: string): Expression
  /** Arguments one by one, each between tags. */
  taggedArguments(
    tool: Tool,
    tags: (name: Term, isText: boolean) => { readonly open: readonly Term[]; readonly close: string },
  ): Expression
  /** Nine letters and digits. */
  callId(): Expression
}

export interface CallGrammar {
  /** Texts from which on an answer is a call: what `calls` describes begins with one of them. */
  triggers(tools: readonly Tool[]): readonly string[]
  calls(rules: CallRules, tools: readonly Tool[], parallel: boolean): Expression
}
