/** Errors of tenants on the command line. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const tenantsInvalid: ErrorMaker<
  [where: string, issues: readonly string[], builtIn: readonly string[]]
> = defineError({
  code: 'tenants_invalid',
  status: 400,
  when: '`--tenants` names an unknown tenant profile, or a file that cannot be read or has invalid values. All errors are listed at once.',
  message: (where, issues, _builtIn) => `${where}: ${issues.join('; ')}`,
  help: (_where, _issues, builtIn) =>
    `Use one of the built-in profiles ${builtIn.join(', ')}, or a file in the format that docs/simulate.md shows.`,
})
