/** Converts a language to a DFA: Thompson's construction, from the end backwards, then the subset construction. */

import { GrammarTooLarge } from '../gbnf/rules.ts'
import type { Automaton, Edge, State } from './automaton.ts'
import { CharacterClasses } from './character-classes.ts'
import { complementAutomaton, intersectAutomata } from './combine-automata.ts'
import type { Language } from './language.ts'
import { maxStates, minimise } from './minimise.ts'

/** Far more than an automaton within `maxStates` needs. */
const maxNfaStates = 100_000
/** Limits the subset construction; minimization may shrink the result afterwards. */
const maxWork = 500_000

/** Cache for long-lived languages, mainly formats. */
const known = new WeakMap<Language, Automaton>()

export function automatonOf(language: Language): Automaton {
  const seen = known.get(language)
  if (seen !== undefined) return seen
  const automaton = build(language)
  known.set(language, automaton)
  return automaton
}

function build(language: Language): Automaton {
  if (language.kind === 'not') return complementAutomaton(automatonOf(language.item))
  if (language.kind === 'both') return language.items.map(automatonOf).reduce(intersectAutomata)
  const nfa = new Nfa()
  const end = nfa.add()
  const start = nfa.build(language, end)
  return minimise(determinise(nfa, start, end))
}

class Nfa {
  readonly free: number[][] = []
  readonly edges: Edge[][] = []

  add(): number {
    if (this.free.length > maxNfaStates) throw new GrammarTooLarge('its patterns repeat too much')
    this.edges.push([])
    return this.free.push([]) - 1
  }

  /** Builds `language` with continuation `end`; returns the start state. */
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
        return this.embed(automatonOf(language), end)
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
  const classes = new CharacterClasses(nfa.edges.flatMap((edges) => edges.map(({ set }) => set)))
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
    const edges: Edge[] = []
    for (const { characters, targets } of stepsFrom(nfa, classes, members)) {
      work += characters.length * targets.size
      const closed = close(targets)
      const key = closed.join()
      let to = numbers.get(key)
      if (to === undefined) {
        to = subsets.length
        numbers.set(key, to)
        subsets.push(closed)
      }
      edges.push({ set: classes.union(characters), to })
      if (subsets.length > maxStates * 4 || work > maxWork)
        throw new GrammarTooLarge('its patterns have too many ways to match')
    }
    states.push({ accepts: members.includes(end), edges })
  }
  return states
}

/** Transitions of a subset, with characters grouped by target. */
function stepsFrom(
  nfa: Nfa,
  classes: CharacterClasses,
  members: readonly number[],
): Iterable<{ readonly characters: number[]; readonly targets: ReadonlySet<number> }> {
  const byCharacter = new Map<number, Set<number>>()
  for (const member of members) {
    for (const { set, to } of nfa.edges[member]!) {
      for (const character of classes.of(set)) {
        const targets = byCharacter.get(character)
        if (targets === undefined) byCharacter.set(character, new Set([to]))
        else targets.add(to)
      }
    }
  }
  const steps = new Map<string, { characters: number[]; targets: ReadonlySet<number> }>()
  for (const [character, targets] of byCharacter) {
    const key = [...targets].toSorted((x, y) => x - y).join()
    const step = steps.get(key)
    if (step === undefined) steps.set(key, { characters: [character], targets })
    else step.characters.push(character)
  }
  return steps.values()
}
