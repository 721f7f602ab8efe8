/** Parses a policy in config syntax. Pure. */

import { guardPolicyInvalid } from './errors.ts'
import {
  checkNames,
  isScored,
  type KeyPolicySettings,
  type PolicyAsWritten,
  type PolicySettings,
  type RolePolicySettings,
} from './policy.ts'
import { policyField } from './policy-fields.ts'

export interface ReadPolicy {
  readonly settings: PolicySettings
  /** Each with its path. With any issue, the settings are unusable. */
  readonly issues: readonly string[]
}

/**
 * `place`: the policy's path, for messages.
 *
 * @example
 * ```ts
 * import { readPolicy } from '@hadal/guard'
 *
 * const { settings, faults } = readPolicy({ preset: 'strict', falsePositiveRte: 0.02 })
 * faults.length // → 1
 * ```
 */
export function readPolicy(given: unknown, place = 'guard'): ReadPolicy {
  const issues: string[] = []
  const settings = policyField.read(given, place, issues) ?? {}
  if (issues.length === 0)
    for (const [where, one] of placesOf(settings, place)) issues.push(...issuesWithin(one, where))
  return { settings, issues }
}

/**
 * Throws `guard_policy_invalid` with every issue.
 *
 * @internal
 */
export function policySettings(given: PolicyAsWritten): PolicySettings {
  const { settings, issues } = readPolicy(given, 'policy')
  if (issues.length > 0) throw guardPolicyInvalid(issues)
  return settings
}

/** All levels that can set role policies, with their paths: the service, its roles, its keys and the keys' roles. */
export function placesOf(
  settings: PolicySettings,
  place: string,
): readonly (readonly [place: string, settings: RolePolicySettings])[] {
  const withRoles = (one: KeyPolicySettings, where: string): [string, RolePolicySettings][] => [
    [where, one],
    ...Object.entries(one.roles ?? {}).map(([role, inner]): [string, RolePolicySettings] => [
      `${where}.roles.${role}`,
      inner,
    ]),
  ]
  return [
    ...withRoles(settings, place),
    ...Object.entries(settings.keys ?? {}).flatMap(([key, inner]) =>
      withRoles(inner, `${place}.keys[${JSON.stringify(key)}]`),
    ),
  ]
}

/** Cross-field validation. */
function issuesWithin({ checks, patterns = [] }: RolePolicySettings, place: string): string[] {
  const issues: string[] = []
  for (const name of checkNames) {
    const { falsePositiveRate, cosine, kinds } = checks?.[name] ?? {}
    const spot = `${place}.checks.${name}`
    if (falsePositiveRate !== undefined && !isScored(name))
      issues.push(`${spot}: falsePositiveRate means nothing for a check that is certain`)
    if (cosine !== undefined && name !== 'similarity')
      issues.push(`${spot}: cosine means something for similarity alone`)
    if (cosine !== undefined && falsePositiveRate !== undefined)
      issues.push(`${spot}: either a cosine or a falsePositiveRate`)
    if (kinds !== undefined && name !== 'secrets' && name !== 'personalData')
      issues.push(`${spot}: kinds mean something for secrets and personalData alone`)
  }
  const names = patterns.map(({ name }) => name)
  for (const twice of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
    issues.push(`${place}.patterns: two are called ${JSON.stringify(twice)}`)
  return issues
}
