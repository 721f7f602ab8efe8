/**
 * Checks an expression as Prometheus 2.53 does: syntax, types, arity, modifiers. No evaluation, no metric names. The rules are
 * those of Prometheus' own parser (promql/parser/parse.go, `checkAST`). Known difference: the grammar does not allow a metric
 * called `offset`.
 */

import { isPlainNumber, type PromqlIssue, type PromqlType, parsePromql, withArticle } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'
import { callType } from './check-calls.ts'
import { issuesOfSelector } from './check-selector.ts'
import { suffixedType, suffixes } from './check-suffixes.ts'
import type { TypeCheck } from './type-check.ts'

/**
 * All issues, by position; none when Prometheus accepts the expression.
 *
 * @example
 * ```ts
 * import { checkPromql } from '@hadal/manifest-lint'
 *
 * checkPromql('rate(hadal_requests_total[5m])') // → []
 * checkPromql('rate(hadal_requests_total)').map(({ kind }) => kind) // → [ 'type' ]
 * ```
 */
export function checkPromql(text: string): readonly PromqlIssue[] {
  return judgePromql(text).issues
}

/** The type of an expression; undefined when it has issues. */
export function promqlType(text: string): PromqlType | undefined {
  const { issues, type } = judgePromql(text)
  return issues.length === 0 ? type : undefined
}

function judgePromql(text: string): { issues: readonly PromqlIssue[]; type?: PromqlType | undefined } {
  const { root, issues } = parsePromql(text)
  if (root === undefined || issues.length > 0) return { issues }
  const check = new ExpressionCheck(text)
  const type = check.typeOf(root)
  return { issues: check.issues.toSorted((a, b) => a.from - b.from), type }
}

const comparisons: ReadonlySet<string> = new Set(['Eql', 'Neq', 'Lte', 'Lss', 'Gte', 'Gtr'])
const setOperators: ReadonlySet<string> = new Set(['And', 'Or', 'Unless'])
const newerOperators: ReadonlySet<string> = new Set(['TrimUpper', 'TrimLower'])
/** Each takes some frames of the stack. */
const deepest = 1000

class ExpressionCheck implements TypeCheck {
  readonly text: string
  readonly issues: PromqlIssue[] = []
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  issue(kind: PromqlIssue['kind'], { from, to }: { from: number; to: number }, message: string): undefined {
    this.issues.push({ kind, from, to, message })
  }

  said(node: { from: number; to: number }): string {
    return this.text.slice(node.from, node.to)
  }

  /**
   * Undefined after an error; then the surrounding expression is not reported. The grammar takes `a - b[5m]`
   * and `a - b offset 1h` for something behind the whole; Prometheus binds it to `b`. So suffixes go on to the last
   * operand: `behind` has those of it, the nearest first.
   */
  typeOf(node: SyntaxNode, behind: readonly SyntaxNode[] = []): PromqlType | undefined {
    if (this.depth >= deepest) return this.issue('syntax', node, `nested more than ${deepest} deep`)
    this.depth += 1
    const type = this.ofNode(node, behind)
    this.depth -= 1
    return type
  }

  expect(node: SyntaxNode, wanted: PromqlType, where: string): void {
    const type = this.typeOf(node)
    if (type !== undefined && type !== wanted)
      this.issue('type', node, `expected ${withArticle(wanted)} in ${where}, got ${withArticle(type)}`)
  }

  private ofNode(node: SyntaxNode, behind: readonly SyntaxNode[]): PromqlType | undefined {
    const kind = node.type.name
    if (suffixes.has(kind)) return this.typeOf(innerOf(node), [node, ...behind])
    if (kind === 'UnaryExpr') return this.ofUnary(node, behind)
    if (kind === 'BinaryExpr') return this.ofBinary(node, behind)
    return suffixedType(node, this.ofOperand(node), behind, this)
  }

  private ofOperand(node: SyntaxNode): PromqlType | undefined {
    switch (node.type.name) {
      case 'NumberDurationLiteral':
        return this.ofNumber(node)
      case 'StringLiteral':
        return 'string'
      case 'VectorSelector':
        for (const issue of issuesOfSelector(node, this.text)) this.issues.push(issue)
        return 'instant vector'
      case 'ParenExpr':
        return this.typeOf(innerOf(node))
      case 'AggregateExpr':
      case 'FunctionCall':
        return callType(node, this)
      default:
        return this.issue('version', node.lastChild ?? node, 'anchored and smoothed need Prometheus 3')
    }
  }

  private ofNumber(node: SyntaxNode): 'scalar' {
    const said = this.said(node)
    const digits = said.replace(/^[+-]\s*/, '')
    if (!isPlainNumber(digits)) this.issue('version', node, `${said} as a number needs Prometheus 3`)
    else if (/\d/.test(digits) && !Number.isFinite(Number(digits)))
      this.issue('syntax', node, `the number ${said} is out of range`)
    if (/[\w.]/.test(this.text[node.to] ?? ''))
      this.issue('syntax', node, `a space is required after ${said}`)
    return 'scalar'
  }

  private ofUnary(node: SyntaxNode, behind: readonly SyntaxNode[]): PromqlType | undefined {
    const type = this.typeOf(innerOf(node), behind)
    if (type !== 'string' && type !== 'range vector') return type
    return this.issue(
      'type',
      node,
      `a sign before ${withArticle(type)}; signs apply only to scalars and instant vectors`,
    )
  }

  private ofBinary(node: SyntaxNode, behind: readonly SyntaxNode[]): PromqlType | undefined {
    const [left, right] = node.getChildren('Expr') as [SyntaxNode, SyntaxNode]
    const types = [this.typeOf(left), this.typeOf(right, behind)]
    const operator = operatorAfter(left)
    const name = operator.type.name
    const said = this.said(operator)
    const isBool = node.getChild('BoolModifier') !== null
    if (newerOperators.has(name) || node.getChild('FillModifier') !== null)
      this.issue('version', operator, 'this operator or modifier is newer than Prometheus 2.53')
    if (isBool && !comparisons.has(name))
      this.issue('type', operator, `bool after ${said}; it is only allowed after comparison operators`)
    for (const [at, side] of [left, right].entries()) {
      const type = types[at]
      if (type === 'string' || type === 'range vector') {
        types[at] = this.issue(
          'type',
          side,
          `${withArticle(type)} as an operand of ${said}, which needs scalars and instant vectors`,
        )
      }
    }
    const known = types.filter((type) => type !== undefined)
    const hasScalar = known.includes('scalar')
    this.checkMatching(node, operator, hasScalar)
    if (setOperators.has(name) && hasScalar)
      return this.issue('type', operator, `${said} needs two instant vectors, but one side is a scalar`)
    if (known.length < 2) return known.includes('instant vector') ? 'instant vector' : undefined
    if (!known.every((type) => type === 'scalar')) return 'instant vector'
    if (comparisons.has(name) && !isBool)
      this.issue('type', operator, `${said} between two scalars needs bool: ${said} bool`)
    return 'scalar'
  }

  private checkMatching(node: SyntaxNode, operator: SyntaxNode, hasScalar: boolean): void {
    const clause = node.getChild('MatchingModifierClause')
    if (clause === null) return
    const said = this.said(operator)
    const [matching, included] = clause.getChildren('GroupingLabels').map((list) => this.labelsOf(list))
    const group = clause.getChild('GroupLeft') ?? clause.getChild('GroupRight')
    if (clause.getChild('On') !== null)
      for (const label of included ?? [])
        if (matching!.includes(label))
          this.issue('type', clause, `${label} must not be in both on and ${this.said(group!)}`)
    if (hasScalar) {
      if (matching!.length > 0)
        this.issue('type', clause, 'on and ignoring need two instant vectors, but one side is a scalar')
    } else if (setOperators.has(operator.type.name) && group !== null)
      this.issue('type', group, `${this.said(group)} with ${said}, which does not support grouping`)
  }

  labelsOf(list: SyntaxNode): readonly string[] {
    for (const newer of list.getChildren('QuotedLabelName'))
      this.issue('version', newer, 'quoted label names need Prometheus 3')
    const labels = list.getChildren('LabelName')
    for (const label of labels)
      if (/^(without|inf|nan)$/i.test(this.said(label)))
        this.issue(
          'syntax',
          label,
          `${this.said(label)} is a PromQL keyword and cannot be used as a label here`,
        )
    return labels.map((label) => this.said(label))
  }
}

/** Comments may stand anywhere. */
export function operatorAfter(left: SyntaxNode): SyntaxNode {
  let next = left.nextSibling!
  while (next.type.name === 'LineComment') next = next.nextSibling!
  return next
}

const innerOf = (node: SyntaxNode): SyntaxNode => node.getChild('Expr')!
