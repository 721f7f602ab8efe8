/** Which metrics an expression reads. */

import type { SyntaxNode } from '@lezer/common'
import { matchersOf } from './check-selector.ts'
import { parsePromql } from './parse-promql.ts'

/**
 * Names of metrics by their first place, each once; also of `{__name__="x"}` and of an alternative of plain names,
 * `{__name__=~"x|y"}`. None of an expression that cannot be parsed.
 *
 * @example
 * ```ts
 * import { metricNamesOf } from '@hadal/fleet'
 *
 * metricNamesOf('sum(rate(hadal_requests_total[5m])) / up') // → [ 'hadal_requests_total', 'up' ]
 * ```
 */
export function metricNamesOf(text: string): readonly string[] {
  const { root, issues } = parsePromql(text)
  if (root === undefined || issues.length > 0) return []
  const names = new Set<string>()
  for (const selector of nodesOf(root, 'VectorSelector')) {
    const name = selector.getChild('Identifier')
    if (name !== null) names.add(text.slice(name.from, name.to))
    for (const { label, operator, value } of matchersOf(selector, text)) {
      if (label !== '__name__') continue
      if (operator === '=') names.add(value)
      else if (operator === '=~' && /^[\w:|]+$/.test(value))
        for (const each of value.split('|')) names.add(each)
    }
  }
  return [...names]
}

/** All nodes of a kind under one and itself, outer ones first. */
export function nodesOf(root: SyntaxNode, kind: string): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  root.cursor().iterate((node) => {
    if (node.type.name === kind) found.push(node.node)
  })
  return found
}
