/** llama.cpp follows every leftmost path to detect left recursion, so a grammar with too many of them would block it. */

import { completing } from './complete.ts'
import type { Expression } from './expression.ts'
import { GrammarTooLarge, type Rules } from './rules.ts'

/** Maximum paths through leading references. */
const maxLeftmostPaths = 200_000

/** Throws `GrammarTooLarge`. */
export function checkLeftmostPaths(rules: Rules): void {
  const mayBeNothing = completing(rules, false)
  const known = new Map<string, number>()
  const paths = (e: Expression): number => {
    switch (e.kind) {
      case 'set':
        return 1
      case 'rule':
        return 1 + pathsOf(e.name)
      case 'choice':
        return e.items.reduce((sum, item) => sum + paths(item), 0)
      case 'repeat':
        return 1 + paths(e.item)
      case 'sequence': {
        let sum = 0
        for (const item of e.items) {
          sum += paths(item)
          if (!mayBeNothing(item)) break
        }
        return sum
      }
    }
  }
  const pathsOf = (name: string): number => {
    const seen = known.get(name)
    if (seen !== undefined) return seen
    known.set(name, 1)
    const count = paths(rules.get(name)!)
    known.set(name, count)
    if (count > maxLeftmostPaths) throw new GrammarTooLarge('too many of its choices begin alike')
    return count
  }
  for (const name of rules.keys()) pathsOf(name)
}
