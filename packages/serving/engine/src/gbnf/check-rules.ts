/**
 * What of a grammar's rules could not be run: a rule that begins with itself (left recursion), which would call itself
 * without end, and chains of rules so long that following them takes too deep a stack. Pure.
 */

import { invalidGrammar } from '../errors.ts'
import type { GrammarRules, Rule } from './parse-gbnf.ts'

/** Rules that begin with rules that begin with rules. */
const deepestBeginning = 1000

/** Throws `invalid_grammar`. */
export function checkRules({ rules }: GrammarRules, nameOf: (rule: number) => string): void {
  const isNullable = nullableRules(rules)
  const component = components(rules.map((rule) => [...beginnings(rule, isNullable)].map(([begun]) => begun)))
  // A rule that ends with what it begins with comes back to itself unchanged, and that is harmless.
  for (const [id, rule] of rules.entries())
    for (const [begun, isLast] of beginnings(rule, isNullable))
      if (!isLast && component[begun] === component[id])
        throw invalidGrammar(`the rule ${nameOf(id)} begins with itself (left recursion)`)
}

/** The rules with which a rule may begin, and whether nothing follows them in their alternative. */
function* beginnings(
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

/** Which rules match nothing at all, too. */
function nullableRules(rules: readonly Rule[]): boolean[] {
  const isNullable = rules.map(() => false)
  /** Of each rule: the alternatives in which it stands, as often as it does. */
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

/** Strongly connected components (Tarjan): a number for each node, the same for nodes that reach each other. */
function components(edges: readonly (readonly number[])[]): number[] {
  const order = edges.map(() => -1)
  const low = edges.map(() => 0)
  const component = edges.map(() => -1)
  const open: number[] = []
  let [visited, found] = [0, 0]
  const visit = (node: number, depth: number): void => {
    if (depth > deepestBeginning)
      throw invalidGrammar(`rules begin with each other more than ${deepestBeginning} deep`)
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
