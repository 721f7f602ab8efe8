/** Removes rules that cannot be completed or reached. */

import { completing } from './complete.ts'
import { choice, type Expression, impossible, isNothing, repeat, rule, sequence } from './expression.ts'
import type { Rules } from './rules.ts'

/** `rules` without uncompletable parts; undefined if nothing of `root` is left. */
export function pruneRules(rules: Rules, root: string): Rules | undefined {
  const completes = completing(rules, true)
  if (!completes(rule(root))) return undefined
  const prune = (e: Expression): Expression => {
    switch (e.kind) {
      case 'set':
        return e
      case 'rule': {
        if (!completes(e)) return impossible
        // Rules that only rename another are inlined.
        const body = rules.get(e.name)!
        return body.kind === 'rule' || isNothing(body) ? prune(body) : e
      }
      case 'sequence':
        return sequence(...e.items.map(prune))
      case 'choice':
        return choice(...e.items.map(prune))
      case 'repeat':
        return repeat(prune(e.item), e.min, e.max)
    }
  }
  const kept = new Map<string, Expression>()
  const waiting = [root]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (kept.has(name)) continue
    const body = prune(rules.get(name)!)
    kept.set(name, body)
    waiting.push(...references(body).toReversed())
  }
  return kept
}

function references(e: Expression): string[] {
  switch (e.kind) {
    case 'set':
      return []
    case 'rule':
      return [e.name]
    case 'repeat':
      return references(e.item)
    default:
      return e.items.flatMap(references)
  }
}
