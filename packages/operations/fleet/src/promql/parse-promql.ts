/**
 * Parses PromQL to a syntax tree. The grammar is Prometheus' own, of version 3 (`@prometheus-io/lezer-promql`); `checkPromql` of
 * `@hadal/manifest-lint` reports what version 2.53 does not support.
 */

import { nearest } from '@hadal/base'
import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import {
  aggregations,
  newerAggregations,
  newerFunctions,
  promqlFunctions,
  wordsBeforeParenthesis,
} from './functions.ts'
import { unquote } from './lexical.ts'

export interface PromqlIssue {
  /**
   * `version`: newer Prometheuses take it and 2.53 does not. `experimental`: it needs the feature flag
   * `promql-experimental-functions`.
   */
  readonly kind: 'syntax' | 'type' | 'version' | 'experimental'
  /** Offsets into the text, `to` exclusive. */
  readonly from: number
  readonly to: number
  readonly message: string
}

export interface ParsedPromql {
  readonly text: string
  /** Undefined if there is no expression. */
  readonly root: SyntaxNode | undefined
  readonly issues: readonly PromqlIssue[]
}

/** Longer input is not handwritten, and its tree may be too deep to walk. */
const maxCharacters = 20_000

/**
 * Never throws: every problem becomes an issue.
 *
 * @internal
 */
export function parsePromql(text: string): ParsedPromql {
  if (text.length > maxCharacters) {
    const message = `an expression of ${text.length} characters; the limit is ${maxCharacters}`
    return { text, root: undefined, issues: [{ kind: 'syntax', from: 0, to: text.length, message }] }
  }
  const tree = parser.parse(text.replace(/\bholt_winters(?=\s*\()/g, sameLengthAsHoltWinters))
  const error =
    stringIssues(text).next().value ?? unknownFunctions(text).next().value ?? firstError(text, tree.topNode)
  const root = tree.topNode.getChild('Expr') ?? undefined
  return error === undefined ? { text, root, issues: [] } : { text, root, issues: [error] }
}

/** Version 3 calls `holt_winters` otherwise; the tree's offsets stay those of the text. */
const sameLengthAsHoltWinters = 'day_of_month'

const quoted = /"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|`[^`]*`?|#[^\n]*/g

function* stringIssues(text: string): Generator<PromqlIssue, undefined> {
  for (const match of text.matchAll(quoted)) {
    if (match[0].startsWith('#')) continue
    const read = unquote(match[0])
    if ('issue' in read)
      yield { kind: 'syntax', from: match.index, to: match.index + match[0].length, message: read.issue }
  }
}

const blank = (found: string): string => ' '.repeat(found.length)

function* unknownFunctions(text: string): Generator<PromqlIssue, undefined> {
  // Within ranges stand functions of durations, which are newer than 2.53 and found later.
  const bare = text.replace(quoted, blank).replace(/\[[^\]]*\]?/g, blank)
  for (const match of bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?=\s*\()/g)) {
    const name = match[0]
    const word = name.toLowerCase()
    if (promqlFunctions.has(name) || newerFunctions.has(name) || wordsBeforeParenthesis.has(word)) continue
    if (aggregations.has(word) || newerAggregations.has(word)) continue
    // Then the parenthesis before it is missing: reported separately.
    if (/\b(by|without|on|ignoring)\s*$/i.test(bare.slice(Math.max(0, match.index - 40), match.index)))
      continue
    const near = nearest(name, [...promqlFunctions.keys(), ...aggregations.keys()])
    const message = `unknown function ${name}${near === undefined ? '' : `; did you mean ${near}?`}`
    yield { kind: 'syntax', from: match.index, to: match.index + name.length, message }
  }
}

function firstError(text: string, top: SyntaxNode): PromqlIssue | undefined {
  const cursor = top.cursor()
  do {
    if (!cursor.type.isError) continue
    const { from } = cursor
    const rest = text.slice(from)
    const token = /^\s*([\w:.]+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[=!<>]=|[=!]~|\S)?/.exec(rest)![1]
    const parent = cursor.node.parent?.type.name ?? 'PromQL'
    const expected = expectedIn[parent]
    const at = from + (token === undefined ? 0 : rest.indexOf(token))
    const what =
      token === undefined ? 'unexpected end of the expression' : `unexpected ${JSON.stringify(token)}`
    const message = `${what}${expected === undefined ? '' : `; expected ${expected}`}`
    return { kind: 'syntax', from: at, to: at + (token?.length ?? 0), message }
  } while (cursor.next())
  return undefined
}

/** What may go on in a node that was not finished, where one thing alone may. */
const expectedIn: Readonly<Record<string, string>> = {
  BinaryExpr: 'an expression after the operator',
  DurationExpr: 'a duration such as 5m',
  FunctionCallBody: 'an argument or )',
  GroupingLabels: 'label names, then )',
  LabelMatchers: 'label="value" or }',
  MatrixSelector: 'a duration such as [5m]',
  OffsetDurationExpr: 'a duration such as 5m',
  OffsetExpr: 'a duration such as 5m',
  ParenExpr: ')',
  SubqueryExpr: 'a duration, then ]',
  UnquotedLabelMatcher: 'label="value"',
  AggregateExpr: 'by, without or (',
}
