/**
 * Minimizes an automaton: removes dead states, then merges equivalent ones with Moore's refinement. The initial partition uses each state's
 * distance to acceptance, which separates chains such as bounded repetitions at once.
 */

import { GrammarTooLarge } from '../gbnf/rules.ts'
import type { Automaton, Edge, State } from './automaton.ts'
import { CharacterClasses } from './character-classes.ts'
import { unionCodePoints } from './code-points.ts'

/** Larger automata are rejected, because a grammar has a rule per state. */
export const maxStates = 3000
/** Transitions that refinement may visit. A pattern that needs one round per state would take seconds. */
const maxVisits = 400_000

export function minimise(all: readonly State[]): Automaton {
  const states = livingStates(all)
  if (states.length === 0) return { states }
  const classOf = refine(states)
  const numbers = new Map<number, number>()
  const order: number[] = []
  const numberOf = (state: number): number => {
    const own = classOf[state]!
    const known = numbers.get(own) ?? order.push(state) - 1
    numbers.set(own, known)
    return known
  }
  numberOf(0)
  const out: State[] = []
  for (let i = 0; i < order.length; i++) {
    const { accepts, edges } = states[order[i]!]!
    out.push({ accepts, edges: joinEdges(edges.map(({ set, to }) => ({ set, to: numberOf(to) }))) })
  }
  if (out.length > maxStates) throw new GrammarTooLarge(`its patterns need more than ${maxStates} states`)
  return { states: out }
}

/** Merges edges to the same state. */
export function joinEdges(edges: readonly Edge[]): readonly Edge[] {
  const byTarget = new Map<number, Edge[]>()
  for (const edge of edges) {
    const group = byTarget.get(edge.to)
    if (group === undefined) byTarget.set(edge.to, [edge])
    else group.push(edge)
  }
  return [...byTarget].map(([to, group]) => ({ to, set: unionCodePoints(...group.map((edge) => edge.set)) }))
}

/** States that can reach an accepting one; empty if the start cannot. */
function livingStates(states: readonly State[]): readonly State[] {
  const distances = distancesToAccepting(states)
  if (distances[0] === undefined) return []
  const numbers = new Map<number, number>()
  for (const i of states.keys()) if (distances[i] !== undefined) numbers.set(i, numbers.size)
  return [...numbers.keys()].map((i) => {
    const { accepts, edges } = states[i]!
    const living = edges.flatMap(({ set, to }) => (numbers.has(to) ? [{ set, to: numbers.get(to)! }] : []))
    return { accepts, edges: living }
  })
}

function distancesToAccepting(states: readonly State[]): readonly (number | undefined)[] {
  const into = states.map((): number[] => [])
  for (const [i, { edges }] of states.entries()) for (const { to } of edges) into[to]!.push(i)
  const distances = states.map(({ accepts }) => (accepts ? 0 : undefined)) as (number | undefined)[]
  const waiting = states.flatMap(({ accepts }, i) => (accepts ? [i] : []))
  for (let next = 0; next < waiting.length; next++) {
    const state = waiting[next]!
    for (const from of into[state]!) {
      if (distances[from] !== undefined) continue
      distances[from] = distances[state]! + 1
      waiting.push(from)
    }
  }
  return distances
}

/** Length of the longest text from each state; undefined if unbounded. */
function longestTexts(states: readonly State[]): readonly (number | undefined)[] {
  const into = states.map((): number[] => [])
  const open = states.map(({ edges }) => edges.length)
  for (const [i, { edges }] of states.entries()) for (const { to } of edges) into[to]!.push(i)
  const longest = states.map((): number | undefined => undefined)
  const waiting = states.flatMap(({ edges }, i) => (edges.length === 0 ? [i] : []))
  for (let next = 0; next < waiting.length; next++) {
    const state = waiting[next]!
    longest[state] = states[state]!.edges.reduce((most, { to }) => Math.max(most, longest[to]! + 1), 0)
    for (const from of into[state]!) {
      open[from]! -= 1
      if (open[from] === 0) waiting.push(from)
    }
  }
  return longest
}

/** Class index of each state; states are in one class exactly if they are equivalent. */
function refine(states: readonly State[]): readonly number[] {
  const classes = new CharacterClasses(states.flatMap(({ edges }) => edges.map(({ set }) => set)))
  const steps = states.map(({ edges }) =>
    edges
      .flatMap(({ set, to }) => classes.of(set).map((character) => ({ character, to })))
      .toSorted((a, b) => a.character - b.character),
  )
  const distances = distancesToAccepting(states)
  const longest = longestTexts(states)
  let { numbers, count } = numbered(states.map((_, i) => `${distances[i]} ${longest[i]}`))
  const visits = steps.reduce((sum, own) => sum + own.length + 1, 0)
  for (let left = maxVisits; left > 0; left -= visits) {
    const last = numbers
    const next = numbered(
      steps.map(
        (own, i) => `${last[i]}|${own.map(({ character, to }) => `${character}:${last[to]}`).join()}`,
      ),
    )
    if (next.count === count) return last
    ;({ numbers, count } = next)
  }
  throw new GrammarTooLarge('its patterns have too many ways to match')
}

function numbered(signatures: readonly string[]): {
  readonly numbers: readonly number[]
  readonly count: number
} {
  const known = new Map<string, number>()
  const numbers = signatures.map((signature) => {
    const number = known.get(signature) ?? known.size
    known.set(signature, number)
    return number
  })
  return { numbers, count: known.size }
}
