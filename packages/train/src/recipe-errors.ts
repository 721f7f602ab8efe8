/** What can be wrong with a recipe beside its run. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const recipeInvalid: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'train_recipe_invalid',
  status: 400,
  when: 'What a recipe exports by default, or what its function gives, is no run.',
  message: (file, why) => `${file}: ${why}`,
  help: 'Say: export default { name, folder, model, data, ... }, or export a function that gives that. A recipe that trains by itself exports nothing by default.',
})
