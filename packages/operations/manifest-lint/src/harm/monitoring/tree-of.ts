/** Syntax tree queries for linter rules. */

import { nodesOf, parsePromql, promqlMillis } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'
import { operatorAfter } from '../../promql/check-promql.ts'

export interface Call {
  readonly name: string
  readonly arguments: readonly SyntaxNode[]
}

export class PromqlTree {
  readonly text: string
  readonly root: SyntaxNode | undefined

  constructor(text: string) {
    this.text = text
    const { root, issues } = parsePromql(text)
    this.root = issues.length === 0 ? root : undefined
  }

  said(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to)
  }

  /** Calls of functions, outer ones first. */
  calls(...names: readonly string[]): readonly Call[] {
    if (this.root === undefined) return []
    return nodesOf(this.root, 'FunctionCall').flatMap((node) => {
      const name = this.said(node.firstChild!)
      if (!names.includes(name)) return []
      return [{ name, arguments: node.getChild('FunctionCallBody')!.getChildren('Expr') }]
    })
  }

  /** `by` or `without`, and the labels; undefined if not an aggregation. */
  groupingOf(node: SyntaxNode): { readonly isBy: boolean; readonly labels: readonly string[] } | undefined {
    if (node.type.name !== 'AggregateExpr') return undefined
    const modifier = node.getChild('AggregateModifier')
    const labels = modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []
    return { isBy: modifier?.getChild('Without') == null, labels: labels.map((label) => this.said(label)) }
  }

  /** How many series a result has at most: one, or as many as there are. */
  isSingle(node: SyntaxNode | undefined = this.root): boolean {
    switch (node?.type.name) {
      case 'ParenExpr':
      case 'UnaryExpr':
        return this.isSingle(node.getChild('Expr')!)
      case 'NumberDurationLiteral':
        return true
      case 'AggregateExpr': {
        const grouping = this.groupingOf(node)!
        const operator = this.said(node.firstChild!).toLowerCase()
        return (
          grouping.isBy &&
          grouping.labels.length === 0 &&
          !/^(topk|bottomk|count_values|limitk|limit_ratio)$/.test(operator)
        )
      }
      case 'BinaryExpr': {
        const [left, right] = node.getChildren('Expr') as [SyntaxNode, SyntaxNode]
        const operator = operatorAfter(left).type.name
        if (operator === 'Or') return this.isSingle(left) && this.isSingle(right)
        if (operator === 'And' || operator === 'Unless') return this.isSingle(left)
        return this.isSingle(left) && this.isSingle(right)
      }
      case 'FunctionCall': {
        const name = this.said(node.firstChild!)
        if (['scalar', 'vector', 'time', 'pi', 'absent', 'absent_over_time'].includes(name)) return true
        const vectors = node.getChild('FunctionCallBody')!.getChildren('Expr')
        return vectors
          .filter((each) => each.type.name !== 'StringLiteral')
          .every((each) => this.isSingle(each))
      }
      case 'SubqueryExpr':
      case 'OffsetExpr':
      case 'StepInvariantExpr':
        return this.isSingle(node.getChild('Expr')!)
      default:
        return false
    }
  }

  /** Milliseconds of the range of a `[5m]`. */
  rangeOf(node: SyntaxNode): number | undefined {
    const duration = node.getChild('DurationExpr')
    return duration === null ? undefined : promqlMillis(this.said(duration))
  }
}
