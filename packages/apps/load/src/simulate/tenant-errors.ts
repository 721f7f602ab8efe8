/** What is wrong with tenants that a command line names. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const tenantsInvalid: ErrorMaker<
  [where: string, faults: readonly string[], builtIn: readonly string[]]
> = defineError({
  code: 'tenants_invalid',
  status: 400,
  when: '`--tenants` names nobody who is built in, or a file that cannot be read or says what no tenant can be. All faults are named at once.',
  message: (where, faults, _builtIn) => `${where}: ${faults.join('; ')}`,
  help: (_where, _faults, builtIn) =>
    `Built in are ${builtIn.join(', ')}. docs/simulate.md shows a file of tenants.`,
})
