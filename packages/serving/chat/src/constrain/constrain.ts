/** The grammar of a response: the constraints of tools and format, after unconstrained reasoning. */

import { jsonObjectGbnf, regexToGbnf } from '@hadal/grammar'
import type { AnswerFormat, Chat, PreparedChat, Tool } from '../conversation.ts'
import { chatNotContinuable } from '../errors.ts'
import type { Family } from '../families/family.ts'
import type { RenderedChat } from '../template/render-chat.ts'
import type { Expression } from './call-grammar.ts'
import { GrammarRules } from './grammar-rules.ts'
import { schemaGrammar } from './schema-grammars.ts'

/** Where the response begins, and the model's reasoning markers. */
export type AnswerBegin = Omit<RenderedChat, 'pieces'>

/**
 * With `required` or a named tool: calls only. With a format: the format or calls. Otherwise the text is unconstrained until a
 * call starts that must be valid: a call of a strict tool, or any call if parallel calls are off.
 *
 * Throws the errors of `@hadal/grammar` for a schema or pattern, and `chat_not_continuable` for a format whose start is already in the
 * prompt.
 */
export function constrain(
  chat: Chat,
  tools: readonly Tool[],
  family: Family,
  begin: AnswerBegin,
): PreparedChat['grammar'] {
  const { format = { type: 'text' }, toolChoice = 'auto', parallelToolCalls: parallel = true } = chat
  const rules = new GrammarRules()
  const callable =
    typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools
  const { channels, grammar } = family
  const calls = (): Expression => grammar.calls(rules, callable, parallel)
  const channelled = (): Expression => rules.sequence(channels?.call ?? '', calls())

  if (callable.length > 0 && toolChoice !== 'auto')
    return { gbnf: rules.text(afterReasoning(rules, channelled(), family, begin)) }
  if (format.type !== 'text') {
    if (begin.continues && begin.state === 'done')
      throw chatNotContinuable('the beginning of a text that is to have a format').with({ param: 'messages' })
    const alone = formatGbnf(format)
    if (callable.length === 0 && channels === undefined && !mayReason(begin)) return { gbnf: alone }
    const text = rules.sequence(channels?.text ?? '', rules.grammar(alone))
    const body = callable.length > 0 ? rules.choice(text, channelled()) : text
    return { gbnf: rules.text(afterReasoning(rules, body, family, begin)) }
  }
  if (callable.length > 0 && (!parallel || callable.some(({ strict }) => strict === true)))
    return { gbnf: rules.text(calls()), after: grammar.triggers(callable) }
  return undefined
}

const mayReason = ({ marks, state }: AnswerBegin): boolean => marks !== undefined && state !== 'done'

function afterReasoning(
  rules: GrammarRules,
  body: Expression,
  { channels }: Family,
  begin: AnswerBegin,
): Expression {
  const { marks, state } = begin
  if (marks === undefined || state === 'done') return body
  const end = rules.sequence(rules.until(marks.end), channels?.next ?? lineBreaks)
  const reasoning = state === 'open' ? end : rules.optional(rules.sequence(marks.start, end))
  return rules.sequence(reasoning, body)
}

const lineBreaks: Expression = { gbnf: '"\\n"? "\\n"?' }

function formatGbnf(format: Exclude<AnswerFormat, { type: 'text' }>): string {
  switch (format.type) {
    case 'json':
      return jsonObjectGbnf
    case 'schema':
      return schemaGrammar(format.schema)
    case 'regex':
      return regexToGbnf(format.pattern)
    case 'gbnf':
      return format.gbnf
  }
}
