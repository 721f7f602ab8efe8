/** The matchers of a series selector. */

import type { SyntaxNode } from '@lezer/common'
import { unquote } from './lexical.ts'

export interface LabelMatcher {
  readonly label: string
  readonly operator: string
  readonly value: string
  readonly from: number
  readonly to: number
}

/**
 * `{__name__="x"}` and `{"x"}` included; literals that cannot be read are left out.
 *
 * @internal
 */
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
