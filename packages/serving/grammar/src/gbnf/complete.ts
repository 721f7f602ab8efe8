/** Fixpoint analysis of which rules can be completed. */

import type { Expression } from './expression.ts'
import type { Rules } from './rules.ts'

/** Tests whether some text completes an expression; without `withCharacters`, whether the empty text does. */
export function completing(rules: Rules, withCharacters: boolean): (e: Expression) => boolean {
  const complete = new Set<string>()
  const completes = (e: Expression): boolean => {
    switch (e.kind) {
      case 'set':
        return withCharacters
      case 'rule':
        return complete.has(e.name)
      case 'sequence':
        return e.items.every(completes)
      case 'choice':
        return e.items.some(completes)
      case 'repeat':
        return e.min === 0 || completes(e.item)
    }
  }
  for (let grew = true; grew; ) {
    grew = false
    for (const [name, body] of rules) {
      if (complete.has(name) || !completes(body)) continue
      complete.add(name)
      grew = true
    }
  }
  return completes
}
