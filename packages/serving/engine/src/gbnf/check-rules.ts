/**
 * Rejects grammar rules that could not be run: left recursion, which would recurse without end, and chains of rules so long
 * that following them overflows the stack. Pure.
 */

import { invalidGrammar } from '../errors.ts'
import type { GrammarRules, Rule } from './grammar-rules.ts'

/** Depth of rules that start with other rules. */
const deepestPrefix = 1000

/** Throws `invalid_grammar`. */
export function checkRules({ rules }: GrammarRules, nameOf: (rule: number) => string): void {
  const isNullable = nullableRules(rules)
  const component = components(rules.map((rule) => [...prefixes(rule, isNullable)].map(([begun]) => begun)))
  // A rule that also ends with the rule it begins with just returns to itself, which is harmless.
  for (const [id, rule] of rules.entries())
    for (const [begun, isLast] of prefixes(rule, isNullable))
      if (!isLast && component[begun] === component[id])
        throw invalidGrammar(`the rule ${nameOf(id)} begins with itself (left recursion)`)
}

/** The rules a rule can begin with, and whether nothing follows them in their alternative. */
function* prefixes(
  rule: Rule,
  isNullable: readonly boolean[],
): Generator<[begun: number, isLast: boolean]> {
  for (const alternative of rule)
    for (const [at, element] of alternative.entries()) {
      if (element.kind !== 'rule') break
      yield [element.rule, at === alternative.length - 1]
      if (!isNullable[element.rule]) break
    }
}

/** Which rules can match the empty text. */
function nullableRules(rules: readonly Rule[]): boolean[] {
  const isNullable = rules.map(() => false)
  /** For each rule: the alternatives it occurs in, once per occurrence. */
  const places: { readonly owner: number; missing: number }[][] = rules.map(() => [])
  const todo: number[] = []
  for (const [owner, rule] of rules.entries())
    for (const alternative of rule) {
      const place = { owner, missing: alternative.length }
      if (place.missing === 0) todo.push(owner)
      for (const element of alternative) if (element.kind === 'rule') places[element.rule]!.push(place)
    }
  while (todo.length > 0) {
    const id = todo.pop()!
    if (isNullable[id]) continue
    isNullable[id] = true
    for (const place of places[id]!) {
      place.missing -= 1
      if (place.missing === 0) todo.push(place.owner)
    }
  }
  return isNullable
}

/** Strongly connected components (Tarjan): nodes that reach each other get the same number. */
function components(edges: readonly (readonly number[])[]): number[] {
  const order = edges.map(() => -1)
  const low = edges.map(() => 0)
  const component = edges.map(() => -1)
  const open: number[] = []
  let [visited, found] = [0, 0]
  const visit = (node: number, depth: number): void => {
    if (depth > deepestPrefix)
      throw invalidGrammar(`rules begin with each other more than ${deepestPrefix} deep`)
    order[node] = low[node] = visited
    visited += 1
    open.push(node)
    for (const next of edges[node]!) {
      if (order[next]! < 0) visit(next, depth + 1)
      if (component[next]! < 0) low[node] = Math.min(low[node]!, low[next]!)
    }
    if (low[node] !== order[node]) return
    let member: number
    do {
      member = open.pop()!
      component[member] = found
    } while (member !== node)
    found += 1
  }
  for (const node of edges.keys()) if (order[node]! < 0) visit(node, 0)
  return component
}
