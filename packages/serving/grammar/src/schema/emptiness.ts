/**
 * Proves that no value satisfies several schemas at once, which shows that the branches of a `oneOf` are exclusive. "Not proved" is always
 * safe. Formats are not used as proof, because validators differ.
 */

import { isEmptyAutomaton } from '../language/automaton.ts'
import { intersectAutomata } from '../language/combine-automata.ts'
import type { NumberBounds } from '../language/number-bounds.ts'
import type { Alternative, Alternatives, Need } from './alternatives.ts'
import type { Facts } from './facts.ts'
import type { Patterns } from './patterns.ts'

const maxDepth = 12

export class Emptiness {
  private readonly alternatives: Alternatives
  private readonly facts: Facts
  private readonly patterns: Patterns
  private readonly known = new Map<string, boolean>()

  constructor(alternatives: Alternatives, facts: Facts, patterns: Patterns) {
    this.alternatives = alternatives
    this.facts = facts
    this.patterns = patterns
  }

  isEmpty(need: Need, depth = 0): boolean {
    if (depth > maxDepth) return false
    const key = need
      .map(({ place, ownOnly }) => place.pointer + (ownOnly === true ? ' own' : ''))
      .toSorted()
      .join('\n')
    const seen = this.known.get(key)
    if (seen !== undefined) return seen
    // Recursive references count as not proved.
    this.known.set(key, false)
    const empty = this.alternatives
      .of(need)
      .every((alternative) => this.isEmptyAlternative(alternative, depth))
    this.known.set(key, empty)
    return empty
  }

  private isEmptyAlternative(alternative: Alternative, depth: number): boolean {
    const values = this.facts.valuesOf(alternative, true)
    if (values !== undefined) return values.length === 0
    return this.facts.typesOf(alternative, true).every((type) => {
      switch (type) {
        case 'object': {
          const { required, min, max } = this.facts.objectOf(alternative)
          if (Math.max(min, required.size) > max) return true
          return [...required].some((name) =>
            this.isEmpty(this.facts.memberNeed(alternative, name), depth + 1),
          )
        }
        case 'array': {
          const { min = 0, max, prefix } = this.facts.arrayOf(alternative)
          if (min > max) return true
          const length = Math.min(min, prefix + 1)
          return Array.from({ length }, (_, i) => i).some((i) =>
            this.isEmpty(this.facts.itemNeed(alternative, i), depth + 1),
          )
        }
        case 'string':
          return this.hasNoText(alternative)
        case 'number':
          return isEmptyRange(this.facts.boundsOf(alternative))
        default:
          return false
      }
    })
  }

  private hasNoText(alternative: Alternative): boolean {
    const { min, max } = this.facts.lengthsOf(alternative)
    if (min > max) return true
    const automata = alternative.flatMap(({ keywords: { pattern, pointer } }) => {
      if (pattern === undefined) return []
      return [this.patterns.automaton(this.patterns.language(pattern, pointer), `${pointer}/pattern`)]
    })
    return automata.length > 0 && isEmptyAutomaton(automata.reduce(intersectAutomata))
  }
}

function isEmptyRange({ integer, min, max, minExclusive, maxExclusive }: NumberBounds): boolean {
  if (!integer) return min > max || (min === max && (minExclusive || maxExclusive))
  const first = minExclusive && Number.isInteger(min) ? min + 1 : Math.ceil(min)
  const last = maxExclusive && Number.isInteger(max) ? max - 1 : Math.floor(max)
  return first > last
}
