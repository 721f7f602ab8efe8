/** How a family's tool calls are expressed as a grammar; implemented per family with the rules provided here. */

import type { Tool } from '../conversation.ts'

/** A grammar expression, which may refer to rules added on the way. */
export interface Expression {
  readonly gbnf: string
}

/** A string is a literal. */
export type Term = string | Expression

export interface CallRules {
  sequence(...terms: readonly Term[]): Expression
  choice(...terms: readonly Term[]): Expression
  optional(term: Term): Expression
  /** One, or with `parallel` one or more separated by `between`. */
  several(term: Term, between: string, parallel: boolean): Expression
  /** Arguments as a JSON object. */
  argumentsOf(tool: Tool): Expression
  /** `{"name": "f", "arguments": {}}` for one of the tools; with `idKey`, followed by an id of nine characters. */
  callObject(tools: readonly Tool[], nameKey: string, argumentsKey: string, idKey?: string): Expression
  /** Arguments one by one, each in tags. */
  taggedArguments(
    tool: Tool,
    tags: (name: Term, isText: boolean) => { readonly open: readonly Term[]; readonly close: string },
  ): Expression
  /** Nine letters and digits. */
  callId(): Expression
}

export interface CallGrammar {
  /** Texts that start a call: everything `calls` describes begins with one of them. */
  triggers(tools: readonly Tool[]): readonly string[]
  calls(rules: CallRules, tools: readonly Tool[], parallel: boolean): Expression
}
