/**
 * What holds: the settings over their preset, and for one role of one key what that key and that role say over it. Pure.
 */

import { matchesPattern } from '@hadal/base'
import type { Role } from '../check.ts'
import {
  type CheckName,
  type CheckPolicy,
  checkNames,
  type PatternPolicy,
  type Policy,
  type PolicySettings,
  type RolePolicy,
  type RolePolicySettings,
} from './policy.ts'
import { auditDefaults, budgetDefaults, defaultPolicy, presets, smoothingDefaults } from './presets.ts'

/**
 * A policy with every field, made of what was said and its preset.
 *
 * @example
 * ```ts
 * import { resolvePolicy } from '@hadal/guard'
 *
 * const policy = resolvePolicy({ preset: 'strict', falsePositiveRate: 0.02 })
 * policy.falsePositiveRate // → 0.02
 * ```
 */
export function resolvePolicy(settings: PolicySettings): Policy {
  const preset = settings.preset ?? 'default'
  return over(over(defaultPolicy, presets[preset]), { ...settings, preset })
}

function over(policy: Policy, settings: PolicySettings): Policy {
  const { budget = policy.budget, audit = policy.audit, files, roles, keys } = settings
  return {
    ...policy,
    ...rolePolicyOver(policy, settings),
    preset: settings.preset ?? policy.preset,
    roles: { ...policy.roles, ...roles },
    keys: { ...policy.keys, ...keys },
    budget: budget === false ? false : { ...budgetDefaults, ...policy.budget, ...budget },
    audit: audit === false ? false : { file: '', ...auditDefaults, ...policy.audit, ...audit },
    files: { ...policy.files, ...files },
    checkModules: settings.checkModules ?? policy.checkModules,
    secret: settings.secret ?? policy.secret,
  }
}

/** Patterns are added, those of the same name replaced; everything else is replaced. */
export function rolePolicyOver(policy: RolePolicy, settings: RolePolicySettings): RolePolicy {
  const { checks = {}, output, smoothing = policy.smoothing } = settings
  return {
    falsePositiveRate: settings.falsePositiveRate ?? policy.falsePositiveRate,
    failClosed: settings.failClosed ?? policy.failClosed,
    timeoutMillis: settings.timeoutMillis ?? policy.timeoutMillis,
    maxCharacters: settings.maxCharacters ?? policy.maxCharacters,
    maxTokens: settings.maxTokens ?? policy.maxTokens,
    nearMiss: settings.nearMiss ?? policy.nearMiss,
    reply: settings.reply ?? policy.reply,
    blockAs: settings.blockAs ?? policy.blockAs,
    tokenPrompts: settings.tokenPrompts ?? policy.tokenPrompts,
    checks: Object.fromEntries(
      checkNames.map((name) => [name, checkOver(policy.checks[name], checks[name])]),
    ) as Record<CheckName, CheckPolicy>,
    patterns: settings.patterns === undefined ? policy.patterns : added(policy.patterns, settings.patterns),
    output: { ...policy.output, ...output },
    smoothing: smoothing === false ? false : { ...smoothingDefaults, ...policy.smoothing, ...smoothing },
  }
}

/** A rate takes the place of a cosine, and the other way round. */
function checkOver(before: CheckPolicy, settings: Partial<CheckPolicy> = {}): CheckPolicy {
  const { cosine, falsePositiveRate, ...rest } = before
  const threshold =
    settings.cosine === undefined && settings.falsePositiveRate === undefined
      ? {
          ...(cosine !== undefined && { cosine }),
          ...(falsePositiveRate !== undefined && { falsePositiveRate }),
        }
      : {}
  return { ...rest, ...threshold, ...settings }
}

function added(before: readonly PatternPolicy[], more: readonly PatternPolicy[]): readonly PatternPolicy[] {
  const names = new Set(more.map(({ name }) => name))
  return [...before.filter(({ name }) => !names.has(name)), ...more]
}

/**
 * The pattern of the policy's `keys` that holds for a key, not for those without; an exact name comes first.
 *
 * @internal
 */
export function keyPatternFor({ keys }: Pick<Policy, 'keys'>, key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined
  if (Object.hasOwn(keys, key)) return key
  return Object.keys(keys).find((pattern) => matchesPattern(pattern, key))
}

/**
 * Later ones win: the service, its role, the key, the key's role. `pattern` is what `keyPatternFor` gave.
 *
 * @internal
 */
export function rolePolicyOf(policy: Policy, role: Role, pattern: string | undefined): RolePolicy {
  const own = pattern === undefined ? undefined : policy.keys[pattern]
  const layers = [{}, ofRole(policy.roles[role], role), own, ofRole(own?.roles?.[role], role)]
  return layers.reduce<RolePolicy>(
    (held, settings) => (settings === undefined ? held : rolePolicyOver(held, settings)),
    policy,
  )
}

/** Whose words a check reads is said where an action is said for one role: its own. */
function ofRole(settings: RolePolicySettings | undefined, role: Role): RolePolicySettings | undefined {
  if (settings?.checks === undefined) return settings
  const checks = Object.entries(settings.checks).map(([name, check]) => [
    name,
    check.action === undefined ? check : { roles: [role], ...check },
  ])
  return { ...settings, checks: Object.fromEntries(checks) }
}
