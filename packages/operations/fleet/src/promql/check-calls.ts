/** Arguments of functions and aggregations: how many, and of which types. */

import type { SyntaxNode } from '@lezer/common'
import {
  aggregations,
  type PromqlFunction,
  type PromqlType,
  promqlFunctions,
  withArticle,
} from './functions.ts'
import type { TypeCheck } from './type-check.ts'

export function callType(node: SyntaxNode, check: TypeCheck): PromqlType | undefined {
  const called = check.said(node.firstChild!)
  const given = node.getChild('FunctionCallBody')!.getChildren('Expr')
  if (node.type.name === 'AggregateExpr') return aggregateType(node, called, given, check)
  const facts = promqlFunctions.get(called)
  if (facts === undefined) {
    for (const each of given) check.typeOf(each)
    return check.issue('version', node.firstChild!, `${called} is newer than Prometheus 2.53`)
  }
  if (facts.experimental) {
    const flag = '--enable-feature=promql-experimental-functions'
    check.issue('experimental', node.firstChild!, `${called} is experimental: Prometheus needs ${flag}`)
  }
  const issue = countIssue(facts, given.length)
  if (issue !== undefined) check.issue('type', node, `${called} takes ${issue}, got ${given.length}`)
  for (const [at, each] of given.entries()) {
    const wanted = facts.takes[at] ?? facts.takes.at(-1)
    if (wanted === undefined) check.typeOf(each)
    else check.expect(each, wanted, `the call of ${called}`)
  }
  return facts.gives
}

function countIssue({ takes, optional = 0, more }: PromqlFunction, given: number): string | undefined {
  const least = takes.length - optional
  if (given < least) return `${optional > 0 ? 'at least ' : ''}${countOf(least)}`
  if (given > takes.length && !more) return `${optional > 0 ? 'at most ' : ''}${countOf(takes.length)}`
  return undefined
}

const countOf = (count: number): string => `${count} argument${count === 1 ? '' : 's'}`

function aggregateType(
  node: SyntaxNode,
  called: string,
  given: readonly SyntaxNode[],
  check: TypeCheck,
): PromqlType | undefined {
  const labels = node.getChild('AggregateModifier')?.getChild('GroupingLabels')
  if (labels) check.labelsOf(labels)
  const name = called.toLowerCase()
  if (!aggregations.has(name)) {
    for (const each of given) check.typeOf(each)
    return check.issue('version', node.firstChild!, `${called} is newer than Prometheus 2.53`)
  }
  const parameter = aggregations.get(name)
  const takes: PromqlType[] = parameter === undefined ? ['instant vector'] : [parameter, 'instant vector']
  if (given.length !== takes.length) {
    const wanted = takes.map(withArticle).join(' and ')
    check.issue('type', node, `${called} takes ${wanted}, got ${countOf(given.length)}`)
  }
  for (const [at, each] of given.entries()) {
    const wanted = takes[at]
    if (wanted === undefined) check.typeOf(each)
    else check.expect(each, wanted, `${called}(...)`)
  }
  return 'instant vector'
}
