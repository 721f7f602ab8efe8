/** Errors of operators in a folder. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const opFolderInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'op_folder_invalid',
  status: 400,
  when: 'The folder given to `hadal op` does not contain a custom operator.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Create one with `hadal op new my::vector_add`. Its op.ts must export { definition, reference, arguments } as default: docs/custom-operators.md.',
})
