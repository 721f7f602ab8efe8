/**
 * Grammar expressions. Constructed only with the functions below, which normalize: sequences and choices are flat, a sequence with an
 * impossible item is impossible, and equal choices are merged.
 */

import { type CodePoints, codePointsOf } from '../language/code-points.ts'

export type Expression =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: 'rule'; readonly name: string }

/** Matches the empty text. */
export const nothing: Expression = { kind: 'sequence', items: [] }

/** Matches nothing. */
export const impossible: Expression = { kind: 'choice', items: [] }

export function isImpossible(expression: Expression): boolean {
  return expression.kind === 'choice' && expression.items.length === 0
}

export function isNothing(expression: Expression): boolean {
  return expression.kind === 'sequence' && expression.items.length === 0
}

export function anyOf(set: CodePoints): Expression {
  return set.length === 0 ? impossible : { kind: 'set', set }
}

export function text(value: string): Expression {
  return sequence(...Array.from(value, (c) => anyOf(codePointsOf(c))))
}

export function rule(name: string): Expression {
  return { kind: 'rule', name }
}

export function sequence(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]))
  if (flat.some(isImpossible)) return impossible
  return flat.length === 1 ? flat[0]! : { kind: 'sequence', items: flat }
}

export function choice(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'choice' ? item.items : [item]))
  if (flat.length < 2) return flat[0] ?? impossible
  const distinct = [...new Map(flat.map((item) => [JSON.stringify(item), item])).values()]
  return distinct.length === 1 ? distinct[0]! : { kind: 'choice', items: distinct }
}

export function optional(item: Expression): Expression {
  return repeat(item, 0, 1)
}

export function repeat(item: Expression, min: number, max: number): Expression {
  if (min > max) return impossible
  if (max === 0 || isNothing(item)) return nothing
  if (isImpossible(item)) return min === 0 ? nothing : impossible
  return min === 1 && max === 1 ? item : { kind: 'repeat', item, min, max }
}
