/** Checks series selectors: matchers, and selectors that match everything. */

import { anchoredRegex, type LabelMatcher, matchersOf, type PromqlIssue } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'

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
      message: 'atan2 is an operator and cannot be used as a metric name',
    }
  for (const { label, operator, value, ...place } of matchers) {
    const message = operator.includes('~') ? regexIssue(value) : undefined
    if (message !== undefined) yield { kind: 'syntax', ...place, message }
    if (isNamed && label === '__name__')
      yield { kind: 'syntax', ...place, message: 'the metric name is set twice' }
  }
  if (!isNamed && matchers.every(matchesNothing))
    yield {
      kind: 'type',
      from,
      to,
      message:
        'the selector matches all series; it needs at least one matcher that does not match the empty string',
    }
}

function regexIssue(value: string): string | undefined {
  const read = anchoredRegex(value)
  return 'issue' in read
    ? `the regular expression ${JSON.stringify(value)} is invalid: ${read.issue}`
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
