/** Every error an optimizer raises to a user. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const optimizerStateMismatch: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_optimizer_state_mismatch',
  status: 400,
  when: 'A saved optimizer state does not match the optimizer that it is loaded into.',
  message: (issues) =>
    `the saved state does not match the optimizer:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Create the same kind of optimizer with the same options and parameters as when the state was saved.',
})
