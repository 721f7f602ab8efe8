/**
 * Deterministic finite automata over code points: intersection, complement, emptiness, membership, and conversion to right-linear grammar
 * rules, one per state. Every state can reach an accepting one; a missing edge rejects.
 */

import { choice, type Expression, nothing, rule, sequence } from '../gbnf/expression.ts'
import { GrammarTooLarge } from '../gbnf/rules.ts'
import {
  type CodePoints,
  everyCodePoint,
  hasCodePoint,
  intersectCodePoints,
  negateCodePoints,
  unionCodePoints,
} from './code-points.ts'
import { maxStates, minimise } from './minimise.ts'

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

export function intersectAutomata(a: Automaton, b: Automaton): Automaton {
  if (a.states.length === 0 || b.states.length === 0) return { states: [] }
  const numbers = new Map<number, number>([[0, 0]])
  const pairs: [number, number][] = [[0, 0]]
  const states: { accepts: boolean; edges: Edge[] }[] = []
  for (let i = 0; i < pairs.length; i++) {
    const [p, q] = pairs[i]!
    const left = a.states[p]!
    const right = b.states[q]!
    const edges: Edge[] = []
    for (const x of left.edges) {
      for (const y of right.edges) {
        const set = intersectCodePoints(x.set, y.set)
        if (set.length === 0) continue
        const key = x.to * b.states.length + y.to
        let to = numbers.get(key)
        if (to === undefined) {
          to = pairs.length
          numbers.set(key, to)
          pairs.push([x.to, y.to])
          if (pairs.length > maxStates * 4) throw new GrammarTooLarge('its patterns and bounds multiply')
        }
        edges.push({ set, to })
      }
    }
    states.push({ accepts: left.accepts && right.accepts, edges })
  }
  return minimise(states)
}

export function complementAutomaton(a: Automaton): Automaton {
  const sink = a.states.length
  const states = a.states.map(({ accepts, edges }): State => {
    const rest = negateCodePoints(unionCodePoints(...edges.map((edge) => edge.set)))
    return { accepts: !accepts, edges: rest.length === 0 ? edges : [...edges, { set: rest, to: sink }] }
  })
  return minimise([...states, { accepts: true, edges: [{ set: everyCodePoint, to: sink }] }])
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
