/** Errors of recipes, apart from those of their run. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const recipeInvalid: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'train_recipe_invalid',
  status: 400,
  when: 'The default export of a recipe, or the value its function returns, is not a run.',
  message: (file, why) => `${file}: ${why}`,
  help: 'Write export default { name, folder, model, data, ... }, or export a function that returns it. A recipe that trains by itself must have no default export.',
})

export const recipeFailed: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'train_recipe_failed',
  status: 400,
  when: 'The function exported by a recipe threw an error without a code.',
  message: (file, why) => `${file} threw: ${why}`,
  help: 'Correct the recipe, or the arguments after --.',
})
