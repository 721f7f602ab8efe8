/**
 * Validates policy content that only the checks understand: invalid patterns, unknown kinds, and duplicate names of custom checks. Collects
 * all issues.
 */

import { messageOf } from '@hadal/base'
import type { Step } from '../check.ts'
import { checkNames, type PolicySettings } from '../policy/policy.ts'
import { placesOf } from '../policy/read-policy.ts'
import type { CheckMakers } from './plan-steps.ts'

/** `place`: the policy's path, for messages. */
export function contentIssues(
  settings: PolicySettings,
  own: readonly Step[],
  makers: Pick<CheckMakers, 'patterns' | 'secrets' | 'personalData'>,
  place: string,
): readonly string[] {
  const issues: string[] = []
  const attempt = (where: string, make: () => unknown): void => {
    try {
      make()
    } catch (thrown) {
      issues.push(`${where}: ${messageOf(thrown)}`)
    }
  }
  for (const [where, { patterns = [], checks }] of placesOf(settings, place)) {
    for (const pattern of patterns) attempt(`${where}.patterns`, () => makers.patterns([pattern]))
    for (const name of ['secrets', 'personalData'] as const)
      for (const kind of checks?.[name]?.kinds ?? [])
        attempt(`${where}.checks.${name}.kinds`, () => makers[name]([kind]))
  }
  return [...issues, ...nameIssues(own)]
}

function nameIssues(own: readonly Step[]): string[] {
  const taken = new Set<string>([...checkNames, 'outputSecrets', 'outputPersonalData'])
  return own.flatMap(({ name }) => {
    if (taken.has(name)) return [`checks: two are called ${JSON.stringify(name)}`]
    taken.add(name)
    return []
  })
}
