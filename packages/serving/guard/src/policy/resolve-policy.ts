/** Computes the effective policy: settings over their preset, then overrides of the role, the key and the key's role. Pure. */

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
 * A complete policy from settings and their preset.
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

/** Patterns are merged by name; everything else is replaced. */
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

/** Setting a rate removes an inherited cosine, and vice versa. */
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
 * The pattern in the policy's `keys` that matches a key; exact names take precedence. Undefined without a key.
 *
 * @internal
 */
export function keyPatternFor({ keys }: Pick<Policy, 'keys'>, key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined
  if (Object.hasOwn(keys, key)) return key
  return Object.keys(keys).find((pattern) => matchesPattern(pattern, key))
}

/**
 * Later levels override: service, role, key, the key's role. `pattern` comes from `keyPatternFor`.
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

/** An action set for one role applies to that role. */
function ofRole(settings: RolePolicySettings | undefined, role: Role): RolePolicySettings | undefined {
  if (settings?.checks === undefined) return settings
  const checks = Object.entries(settings.checks).map(([name, check]) => [
    name,
    check.action === undefined ? check : { roles: [role], ...check },
  ])
  return { ...settings, checks: Object.fromEntries(checks) }
}
