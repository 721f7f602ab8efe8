/** Errors of operators in a folder. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const opFolderInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'op_folder_invalid',
  status: 400,
  when: 'The folder given to `hadal op` does not contain a custom operator.',
  message: (path, why) => `${path}: ${why}`,
  help: '`hadal op new my::vector_add` writes one. Its op.ts exports by default { definition, reference, arguments }: docs/custom-operators.md.',
})
