/** Errors of starting training runs. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const recipeNotFound: ErrorMaker<[recipe: string]> = defineError({
  code: 'recipe_not_found',
  status: 404,
  when: 'The recipe given to `hadal train` does not exist.',
  message: (recipe) => `the recipe ${recipe} does not exist`,
  help: 'Name a TypeScript or JavaScript file, or a folder that contains a train.ts or run.ts.',
})

export const trialTooShort: ErrorMaker<[steps: number, fewest: number]> = defineError({
  code: 'verify_resume_too_short',
  status: 400,
  when: 'The run given to `hadal train verify-resume` has too few steps to be interrupted.',
  message: (steps, fewest) => `the run has ${steps} steps; at least ${fewest} are needed to interrupt it`,
  help: 'Set more steps: --schedule-total-steps 12.',
})
