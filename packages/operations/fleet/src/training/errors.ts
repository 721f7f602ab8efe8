/** Errors of training runs that are rendered for a cluster. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const trainingInvalid: ErrorMaker<[name: string, issues: readonly string[]]> = defineError({
  code: 'deploy_training_invalid',
  status: 400,
  when: 'The options of `hadal deploy train` cannot work in a cluster. All errors are listed at once.',
  message: (name, issues) =>
    `the training run ${JSON.stringify(name)} has ${issues.length} error(s):${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Correct every value listed; docs/deploy-training.md describes each option.',
})

export const recipeTooLarge: ErrorMaker<[bytes: number, limit: number, largest: string]> = defineError({
  code: 'deploy_recipe_too_large',
  status: 400,
  when: 'The files of the recipe exceed the size limit of a ConfigMap.',
  message: (bytes, limit, largest) =>
    `the recipe files have ${bytes} bytes, and a ConfigMap holds at most ${limit}; the largest file is ${largest}`,
  help: 'Move data to a volume (--data-claim), or build the recipe into an image and name its path there with --recipe-in-image.',
})

export const recipeIncomplete: ErrorMaker<[missing: readonly string[]]> = defineError({
  code: 'deploy_recipe_incomplete',
  status: 400,
  when: 'The recipe imports a file that would not be copied to the cluster.',
  message: (missing) => `the recipe imports files that are not part of it: ${missing.join(', ')}`,
  help: 'Name the folder that contains all recipe files, with a train.ts or run.ts, instead of a single file.',
})
