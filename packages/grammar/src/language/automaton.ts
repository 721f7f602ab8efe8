/**
 * Deterministic automata over code points: intersection, complement, emptiness and membership of regular languages, and
 * from there right-linear grammar rules, one per state. Every state reaches an accepting one; a missing edge rejects.
 */

import { choice, type Expression, nothing, rule, sequence } from '../gbnf/expression.ts'
import { GrammarTooLarge } from '../gbnf/write-gbnf.ts'
import {
  type CodePoints,
  everyCodePoint,
  hasCodePoint,
  intersectCodePoints,
  negateCodePoints,
  unionCodePoints,
} from './code-points.ts'
import type { Language } from './language.ts'

/** Start is state 0; an automaton without states accepts nothing. */
export interface Automaton {
  readonly states: readonly State[]
}

export interface State {
  readonly accepts: boolean
  /** The sets of one state are disjoint. */
  readonly edges: readonly Edge[]
}

export interface Edge {
  readonly set: CodePoints
  readonly to: number
}

/** An automaton larger than this is refused: the grammar would have a rule per state. */
const maxStates = 3000
/** Bounds the work of building one, which minimising may then shrink. */
const maxWork = 400_000

export function automatonOf(language: Language): Automaton {
  const nfa = new Nfa()
  const end = nfa.add()
  const start = nfa.build(language, end)
  return minimise(determinise(nfa, start, end))
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

/** Rules that write exactly the accepted texts; added to `rules` under names that begin with `prefix`. */
export function automatonRules(
  a: Automaton,
  prefix: string,
  rules: Map<string, Expression>,
  encode: (set: CodePoints) => Expression,
): Expression {
  const name = (state: number): string => `${prefix}--s${state}`
  for (const [index, { accepts, edges }] of a.states.entries()) {
    const byTarget = groupBy(edges, (edge) => edge.to)
    const steps = [...byTarget].map(([to, group]) => {
      const step = encode(unionCodePoints(...group.map((edge) => edge.set)))
      const target = a.states[to]!
      return target.accepts && target.edges.length === 0 ? step : sequence(step, rule(name(to)))
    })
    rules.set(name(index), choice(...steps, ...(accepts ? [nothing] : [])))
  }
  return a.states.length === 0 ? choice() : rule(name(0))
}

/** Thompson's construction, from the end backwards. */
class Nfa {
  readonly free: number[][] = []
  readonly edges: Edge[][] = []
  private readonly builtFrom = new Map<Language, Automaton>()

  add(): number {
    if (this.free.length > maxWork) throw new GrammarTooLarge('its patterns repeat too much')
    this.edges.push([])
    return this.free.push([]) - 1
  }

  /** A state from which `language` leads to `end`. */
  build(language: Language, end: number): number {
    switch (language.kind) {
      case 'set': {
        const state = this.add()
        this.edges[state]!.push({ set: language.set, to: end })
        return state
      }
      case 'sequence':
        return language.items.reduceRight((next, item) => this.build(item, next), end)
      case 'choice': {
        const state = this.add()
        for (const item of language.items) this.free[state]!.push(this.build(item, end))
        return state
      }
      case 'repeat':
        return this.repeat(language.item, language.min, language.max, end)
      default:
        return this.embed(this.deterministic(language), end)
    }
  }

  private repeat(item: Language, min: number, max: number, end: number): number {
    let next = end
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.add()
      this.free[loop]!.push(this.build(item, loop), end)
      next = loop
    } else {
      for (let i = min; i < max; i++) {
        const state = this.add()
        this.free[state]!.push(this.build(item, next), end)
        next = state
      }
    }
    for (let i = 0; i < min; i++) {
      const before = this.build(item, next)
      if (before === next) break
      next = before
    }
    return next
  }

  private deterministic(language: Language & { kind: 'both' | 'not' }): Automaton {
    const seen = this.builtFrom.get(language)
    if (seen !== undefined) return seen
    const built =
      language.kind === 'not'
        ? complementAutomaton(automatonOf(language.item))
        : language.items.map(automatonOf).reduce(intersectAutomata)
    this.builtFrom.set(language, built)
    return built
  }

  private embed(a: Automaton, end: number): number {
    const numbers = a.states.map(() => this.add())
    for (const [i, { accepts, edges }] of a.states.entries()) {
      for (const { set, to } of edges) this.edges[numbers[i]!]!.push({ set, to: numbers[to]! })
      if (accepts) this.free[numbers[i]!]!.push(end)
    }
    return numbers[0] ?? this.add()
  }
}

function determinise(nfa: Nfa, start: number, end: number): State[] {
  let work = 0
  const close = (members: Iterable<number>): number[] => {
    const seen = new Set(members)
    const waiting = [...seen]
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      for (const next of nfa.free[state]!) {
        if (seen.has(next)) continue
        seen.add(next)
        waiting.push(next)
      }
    }
    work += seen.size
    return [...seen].toSorted((x, y) => x - y)
  }
  const first = close([start])
  const numbers = new Map<string, number>([[first.join(), 0]])
  const subsets = [first]
  const states: State[] = []
  for (let i = 0; i < subsets.length; i++) {
    const members = subsets[i]!
    const leaving = members.flatMap((member) => nfa.edges[member]!)
    const edges: Edge[] = []
    for (const { set, to: targets } of partition(leaving)) {
      const closed = close(targets)
      const key = closed.join()
      let to = numbers.get(key)
      if (to === undefined) {
        to = subsets.length
        numbers.set(key, to)
        subsets.push(closed)
      }
      edges.push({ set, to })
      if (subsets.length > maxStates * 4 || work > maxWork * 10) {
        throw new GrammarTooLarge('its patterns have too many ways to match')
      }
    }
    states.push({ accepts: members.includes(end), edges })
  }
  return states
}

/** Splits edges that overlap: each part with all the states it leads to. */
function partition(edges: readonly Edge[]): { set: CodePoints; to: Set<number> }[] {
  const cuts = new Map<number, { opens: number[]; closes: number[] }>()
  const cut = (at: number): { opens: number[]; closes: number[] } => {
    const seen = cuts.get(at) ?? { opens: [], closes: [] }
    cuts.set(at, seen)
    return seen
  }
  for (const [index, { set }] of edges.entries()) {
    for (const [from, to] of set) {
      cut(from).opens.push(index)
      cut(to + 1).closes.push(index)
    }
  }
  const open = new Set<number>()
  const parts = new Map<string, { ranges: [number, number][]; to: Set<number> }>()
  const sorted = [...cuts].toSorted((a, b) => a[0] - b[0])
  for (const [i, [from, { opens, closes }]] of sorted.entries()) {
    for (const index of closes) open.delete(index)
    for (const index of opens) open.add(index)
    if (open.size === 0) continue
    const to = new Set([...open].map((index) => edges[index]!.to))
    const key = [...to].toSorted((x, y) => x - y).join()
    const part = parts.get(key) ?? { ranges: [], to }
    part.ranges.push([from, sorted[i + 1]![0] - 1])
    parts.set(key, part)
  }
  return [...parts.values()].map(({ ranges, to }) => ({ set: unionCodePoints(ranges), to }))
}

/** Drops states that cannot accept any more, then joins those that accept the same (Moore). */
function minimise(states: readonly State[]): Automaton {
  const live = livingStates(states)
  if (!live.has(0)) return { states: [] }
  let classOf: number[] = states.map(({ accepts }) => (accepts ? 1 : 0))
  for (let count = 0; ; ) {
    const signatures = new Map<string, number>()
    const next = states.map(({ edges }, i) => {
      if (!live.has(i)) return -1
      const byClass = groupBy(
        edges.filter(({ to }) => live.has(to)),
        ({ to }) => classOf[to]!,
      )
      const leaving = [...byClass]
        .toSorted((a, b) => a[0] - b[0])
        .map(([target, group]) => `${target}:${unionCodePoints(...group.map((edge) => edge.set)).join()}`)
      const signature = `${classOf[i]}|${leaving.join(';')}`
      const known = signatures.get(signature) ?? signatures.size
      signatures.set(signature, known)
      return known
    })
    classOf = next
    if (signatures.size === count) break
    count = signatures.size
  }
  const order: number[] = []
  const numbers = new Map<number, number>()
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
    const byTarget = groupBy(
      edges.filter(({ to }) => live.has(to)),
      ({ to }) => numberOf(to),
    )
    const joined = [...byTarget].map(([to, group]) => ({
      set: unionCodePoints(...group.map((e) => e.set)),
      to,
    }))
    out.push({ accepts, edges: joined })
  }
  if (out.length > maxStates) throw new GrammarTooLarge(`its patterns need more than ${maxStates} states`)
  return { states: out }
}

function livingStates(states: readonly State[]): Set<number> {
  const into = states.map((): number[] => [])
  for (const [i, { edges }] of states.entries()) for (const { to } of edges) into[to]!.push(i)
  const live = new Set(states.flatMap(({ accepts }, i) => (accepts ? [i] : [])))
  const waiting = [...live]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    for (const from of into[state]!) {
      if (live.has(from)) continue
      live.add(from)
      waiting.push(from)
    }
  }
  return live
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
