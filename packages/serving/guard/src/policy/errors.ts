/** Errors of policies. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPolicyInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'guard_policy_invalid',
  status: 500,
  when: 'The guard policy is invalid. All errors are listed at once.',
  message: (issues) =>
    `the guard policy has ${issues.length === 1 ? '1 error' : `${issues.length} errors`}\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
  help: 'Correct the policy as docs/guard.md describes, or use a preset: default, strict, watch, guide or off.',
})

export const guardFileUnreadable: ErrorMaker<[what: string, path: string, why: string]> = defineError({
  code: 'guard_file_unreadable',
  status: 500,
  when: 'A weights or thresholds file named in the guard policy cannot be read.',
  message: (what, path, why) => `files.${what}: cannot read ${path}: ${why}`,
  help: 'Check the path. `hadal guard train` writes weights and `hadal guard eval --thresholds-from` thresholds.',
})
