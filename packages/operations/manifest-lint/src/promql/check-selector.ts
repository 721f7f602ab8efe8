/** Checks series selectors: matchers, and selectors that match everything. */

import { anchoredRegex, type LabelMatcher, matchersOf, type PromqlFault } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'

export function* faultsOfSelector(node: SyntaxNode, text: string): Generator<PromqlFault> {
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
    const message = operator.includes('~') ? regexFault(value) : undefined
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

function regexFault(value: string): string | undefined {
  const read = anchoredRegex(value)
  return 'fault' in read
    ? `the regular expression ${JSON.stringify(value)} has a fault: ${read.fault}`
    : undefined
}

/** Whether series without the label match as well. */
function matchesNothing({ operator, value }: LabelMatcher): boolean {
  if (operator === '=') return value === ''
  if (operator === '!=') return value !== ''
  const read = anchoredRegex(value)
  if ('fault' in read) return false
  return read.regex.test('') === (operator === '=~')
}
