/** Errors of policies. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPolicyInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'guard_policy_invalid',
  status: 500,
  when: 'The guard policy is invalid. All errors are listed at once.',
  message: (faults) =>
    `${faults.length === 1 ? '1 thing is' : `${faults.length} things are`} wrong with the guard's policy\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  help: 'docs/guard.md says what a policy may say; the presets are default, strict, watch, guide and off.',
})

export const guardFileUnreadable: ErrorMaker<[what: string, path: string, why: string]> = defineError({
  code: 'guard_file_unreadable',
  status: 500,
  when: 'A weights or thresholds file named in the guard policy cannot be read.',
  message: (what, path, why) => `files.${what}: ${path} cannot be read: ${why}`,
  help: '`hadal guard train` and `hadal guard eval --thresholds-from` write such files.',
})
