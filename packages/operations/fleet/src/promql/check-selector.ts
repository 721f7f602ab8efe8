/** Checks series selectors: matchers, and selectors that match everything. */

import type { SyntaxNode } from '@lezer/common'
import { anchoredRegex, unquote } from './lexical.ts'
import type { PromqlIssue } from './parse-promql.ts'

export interface LabelMatcher {
  readonly label: string
  readonly operator: string
  readonly value: string
  readonly from: number
  readonly to: number
}

/** `{__name__="x"}` and `{"x"}` included; literals that cannot be read are left out. */
export function matchersOf(selector: SyntaxNode, text: string): readonly LabelMatcher[] {
  const said = (node: { from: number; to: number }) => text.slice(node.from, node.to)
  const found: LabelMatcher[] = []
  for (let node = selector.getChild('LabelMatchers')?.firstChild; node; node = node.nextSibling) {
    const { from, to } = node
    const operator = node.getChild('MatchOp')
    const value = unquote(said(node.lastChild ?? node))
    const first = node.firstChild
    if (first === null || 'issue' in value) continue
    if (operator === null) found.push({ label: '__name__', operator: '=', value: value.value, from, to })
    else {
      const quoted = node.type.name === 'QuotedLabelMatcher' ? unquote(said(first)) : { value: said(first) }
      if ('value' in quoted)
        found.push({ label: quoted.value, operator: said(operator), value: value.value, from, to })
    }
  }
  return found
}

export function* issuesOfSelector(node: SyntaxNode, text: string): Generator<PromqlIssue> {
  const { from, to } = node
  const matchers = matchersOf(node, text)
  const name = node.getChild('Identifier')
  const isNamed = name !== null
  if (isNamed && text.slice(name.from, name.to).toLowerCase() === 'atan2')
    yield {
      kind: 'syntax',
      from: name.from,
      to: name.to,
      message: 'atan2 is an operator and names no metric',
    }
  for (const { label, operator, value, ...place } of matchers) {
    const message = operator.includes('~') ? regexIssue(value) : undefined
    if (message !== undefined) yield { kind: 'syntax', ...place, message }
    if (isNamed && label === '__name__')
      yield { kind: 'syntax', ...place, message: 'the name of the metric stands twice' }
  }
  if (!isNamed && matchers.every(matchesNothing))
    yield {
      kind: 'type',
      from,
      to,
      message: 'a selector of all series; it needs a matcher that is not empty',
    }
}

function regexIssue(value: string): string | undefined {
  const read = anchoredRegex(value)
  return 'issue' in read
    ? `the regular expression ${JSON.stringify(value)} has a fault: ${read.issue}`
    : undefined
}

/** Whether series without the label match as well. */
function matchesNothing({ operator, value }: LabelMatcher): boolean {
  if (operator === '=') return value === ''
  if (operator === '!=') return value !== ''
  const read = anchoredRegex(value)
  if ('issue' in read) return false
  return read.regex.test('') === (operator === '=~')
}
