/** Every error of the command line itself that a user can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const trialFailed: ErrorMaker<[what: string, code: number]> = defineError({
  code: 'verify_resume_failed',
  status: 500,
  when: 'A run started by `hadal train verify-resume` did not end as expected. Its output is printed above.',
  message: (what, code) => `${what}: the process ended with exit code ${code}`,
  help: 'If the code is train_run_changed, the recipe produces a different run each time it is loaded: look for a clock or Math.random in it. Otherwise fix the error printed above and run the command again.',
})

export const opFolderTaken: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'op_folder_taken',
  status: 409,
  when: '`hadal op new` would overwrite a file, or cannot write the folder.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Choose another operator name or another folder: `hadal op new my::vector_add --folder elsewhere`.',
})
