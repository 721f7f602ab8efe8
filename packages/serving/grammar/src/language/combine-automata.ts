/** Intersection and complement of automata. */

import { GrammarTooLarge } from '../gbnf/rules.ts'
import type { Automaton, Edge, State } from './automaton.ts'
import { everyCodePoint, intersectCodePoints, negateCodePoints, unionCodePoints } from './code-points.ts'
import { maxStates, minimise } from './minimise.ts'

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
