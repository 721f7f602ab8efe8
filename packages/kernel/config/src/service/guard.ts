/** The guard's policy, as described and read by `@hadal/guard`. */

import { type PolicyAsWritten, policyParts, readPolicy } from '@hadal/guard/policy'
import { z } from 'zod'
import type { Kind } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface GuardSettings {
  /** Policy for prompt attacks, secrets and personal data in requests and responses: a preset (default, strict, watch, guide, off), or an object with a preset and overrides. */
  readonly guard: PolicyAsWritten
}

const policy: Kind<PolicyAsWritten> = {
  schema: z.unknown().transform((given, context) => {
    const { settings, issues } = readPolicy(given)
    for (const issue of issues) context.addIssue({ code: 'custom', message: issue })
    return settings
  }),
  expected:
    'one of default, strict, watch, guide, off, or an object such as docs/guard.md describes; in text as JSON',
  read(given) {
    if (!given.trimStart().startsWith('{')) return given
    try {
      return JSON.parse(given)
    } catch {
      return given
    }
  },
  issues: (given) => readPolicy(given).issues,
  show(policy) {
    if (typeof policy === 'string') return policy
    const { preset = 'default', ...others } = policy
    const names = Object.keys(others)
    return names.length === 0 ? preset : `${preset}, but for ${names.join(', ')}`
  },
}

export const guardSettings: SettingsTable<GuardSettings> = {
  guard: setting({
    kind: policy,
    default: 'default',
    doc: 'Policy for prompt attacks, secrets and personal data in requests and responses: a preset (default, strict, watch, guide, off), or an object with a preset and overrides.',
    group: 'Security',
    unit: null,
    flag: '--guard <preset>',
    env: 'HADAL_GUARD',
    reload: 'live',
    within: policyParts(),
  }),
}
