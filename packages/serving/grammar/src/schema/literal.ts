/** The grammar of a known value, with optional white space. */

import { isPlainObject } from '@hadal/base'
import { type Expression, nothing, rule, sequence, text } from '../gbnf/expression.ts'
import { memberName } from '../gbnf/json-rules.ts'

const comma = sequence(text(','), rule('ws'))

export function literal(value: unknown): Expression {
  if (Array.isArray(value)) return enclosed('[', value.map(literal), ']')
  if (!isPlainObject(value)) return text(JSON.stringify(value))
  const members = Object.entries(value).map(([name, member]) => sequence(memberName(name), literal(member)))
  return enclosed('{', members, '}')
}

function enclosed(open: string, items: readonly Expression[], close: string): Expression {
  if (items.length === 0) return text(open + close)
  const separated = items.map((item, i) => sequence(i > 0 ? comma : nothing, item))
  return sequence(text(open), rule('ws'), ...separated, rule('ws'), text(close))
}
