/** Checks suffixes of an operand: `[5m]`, `[1h:5m]`, `offset 1h`, `@ 5`. */

import { longestMillis, type PromqlType, promqlMillis, withArticle } from '@hadal/fleet'
import type { SyntaxNode } from '@lezer/common'
import type { TypeCheck } from './type-check.ts'

export const suffixes: ReadonlySet<string> = new Set([
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
])

/** The type of an operand of a type with everything behind it, the nearest first. */
export function suffixedType(
  operand: SyntaxNode,
  type: PromqlType | undefined,
  behind: readonly SyntaxNode[],
  check: TypeCheck,
): PromqlType | undefined {
  const isSelector = operand.type.name === 'VectorSelector'
  let form: 'selector' | 'range' | 'other' = isSelector ? 'selector' : 'other'
  let modifiers = new Set<string>()
  for (const suffix of behind) {
    const place = { from: operand.from, to: suffix.to }
    const kind = suffix.type.name
    if (kind === 'MatrixSelector') {
      checkDuration(suffix.getChild('DurationExpr')!, check)
      if (form !== 'selector')
        check.issue(
          'type',
          place,
          'a range is only allowed after a selector; for other expressions use a subquery: [5m:]',
        )
      else if (modifiers.size > 0)
        check.issue('type', place, 'offset and @ must follow the range: x[5m] offset 1h')
      form = 'range'
      type = 'range vector'
    } else if (kind === 'SubqueryExpr') {
      for (const duration of suffix.getChildren('DurationExpr')) checkDuration(duration, check)
      if (type !== undefined && type !== 'instant vector')
        check.issue('type', place, `a subquery of ${withArticle(type)}; it needs an instant vector`)
      form = 'range'
      type = 'range vector'
      modifiers = new Set()
    } else {
      const word = kind === 'OffsetExpr' ? 'offset' : '@'
      if (word === 'offset') checkOffset(suffix.getChild('OffsetDurationExpr')!, check)
      else checkTime(suffix.getChild('NumberDurationLiteral'), check)
      if (form === 'other')
        check.issue('syntax', place, `${word} is only allowed after a selector, its range, or a subquery`)
      else if (modifiers.has(word)) check.issue('syntax', place, `${word} is set twice`)
      modifiers.add(word)
    }
  }
  return type
}

function checkOffset(duration: SyntaxNode, check: TypeCheck): void {
  const sign = duration.getChild('UnaryOp')
  if (sign !== null && check.said(sign) === '+')
    check.issue('version', sign, 'a + before the offset needs Prometheus 3')
  checkDuration(sign === null ? duration : duration.getChild('OffsetDurationExpr')!, check)
}

/** Seconds, that fit as milliseconds into 63 bits. */
function checkTime(time: SyntaxNode | null, check: TypeCheck): void {
  if (time === null) return
  check.typeOf(time)
  const seconds = Number(check.said(time).replaceAll(/\s/g, ''))
  if (/inf|nan/i.test(check.said(time)) || Math.abs(seconds) * 1000 >= 2 ** 63)
    check.issue('syntax', time, `the time ${check.said(time)} is out of range`)
}

function checkDuration(node: SyntaxNode, check: TypeCheck): void {
  const said = check.said(node)
  const millis = promqlMillis(said)
  if (millis === undefined)
    check.issue('version', node, `the duration ${said} needs Prometheus 3; 2.53 accepts 90s, 5m, 1h30m`)
  else if (millis === 0) check.issue('syntax', node, `the duration ${said} must be greater than 0`)
  else if (millis >= longestMillis) check.issue('syntax', node, `the duration ${said} is out of range`)
}
