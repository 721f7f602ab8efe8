/**
 * Deterministic finite automata over code points: emptiness, membership, and conversion to right-linear grammar
 * rules, one per state. Every state can reach an accepting one; a missing edge rejects.
 */

import { choice, type Expression, nothing, rule, sequence } from '../gbnf/expression.ts'
import { type CodePoints, hasCodePoint } from './code-points.ts'

/** State 0 is the start; an automaton without states accepts nothing. */
export interface Automaton {
  readonly states: readonly State[]
}

export interface State {
  readonly accepts: boolean
  /** Disjoint within a state. */
  readonly edges: readonly Edge[]
}

export interface Edge {
  readonly set: CodePoints
  readonly to: number
}

export function isEmptyAutomaton(a: Automaton): boolean {
  return a.states.length === 0
}

export function acceptsText(a: Automaton, text: string): boolean {
  let state = a.states[0]
  for (const c of text) {
    if (state === undefined) return false
    const edge = state.edges.find(({ set }) => hasCodePoint(set, c.codePointAt(0)!))
    state = edge === undefined ? undefined : a.states[edge.to]
  }
  return state?.accepts ?? false
}

/** Adds rules that match exactly the accepted texts to `rules`, with names prefixed by `prefix`. */
export function automatonRules(
  a: Automaton,
  prefix: string,
  rules: Map<string, Expression>,
  encode: (set: CodePoints) => Expression,
): Expression {
  const name = (state: number): string => `${prefix}--s${state}`
  for (const [index, { accepts, edges }] of a.states.entries()) {
    const steps = edges.map(({ set, to }) => {
      const target = a.states[to]!
      const isLast = target.accepts && target.edges.length === 0
      return isLast ? encode(set) : sequence(encode(set), rule(name(to)))
    })
    rules.set(name(index), choice(...steps, ...(accepts ? [nothing] : [])))
  }
  return a.states.length === 0 ? choice() : rule(name(0))
}
