/** The structure of rejection rules: a check receives an object of a known type and yields its issues. */

import type { Issue, LintContext, LintRule } from '../finding.ts'
import type { Path } from '../read/positions.ts'
import { type Place, placesOf } from './place.ts'

export type Issues = Generator<Issue, void, undefined>

/** A check for one type of the tables. */
export type Check = (place: Place, context: LintContext) => Issues

export const rejected = (rule: string, path: Path, reason: string, fix: string): Issue => ({
  rule,
  severity: 'rejected',
  path,
  reason,
  fix,
})

/** One rule of checks by the names of types, as the tables call them: `V1Container`, `lws.Spec`. */
export function ruleOf(checks: Readonly<Record<string, Check | readonly Check[]>>): LintRule {
  return (object, context) => {
    const issues: Issue[] = []
    for (const place of placesOf(object)) {
      // Own keys only, so that no type is called `constructor`.
      const found = Object.hasOwn(checks, place.type) ? checks[place.type]! : []
      for (const check of typeof found === 'function' ? [found] : found) issues.push(...check(place, context))
    }
    return issues
  }
}
