/** Errors of classifier weights. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardWeightsInvalid: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'guard_weights_invalid',
  status: 500,
  when: 'The weights of a classifier are truncated, altered or of another version.',
  message: (where, why) => `cannot read the weights ${where}: ${why}`,
  help: 'Train them again with `hadal guard train`, or reinstall @hadal/guard for the bundled weights.',
})
