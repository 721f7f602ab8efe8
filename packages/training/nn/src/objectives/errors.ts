/** Every error an objective raises to a user. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const objectiveShapeMismatch: ErrorMaker<
  [name: string, shape: readonly number[], wanted: readonly number[]]
> = defineError({
  code: 'nn_objective_shape_mismatch',
  status: 400,
  when: 'A tensor given to a training objective has a shape that does not match the other tensors.',
  message: (name, shape, wanted) => `${name} has shape [${shape}]; expected [${wanted}]`,
  help: 'Pass tensors that describe the same sequences, classes or pairs; shapes are not broadcast.',
})

export const objectiveOptionInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_objective_option_invalid',
  status: 400,
  when: 'An option of a training objective has an invalid value.',
  message: (issues) => `the objective has errors:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Correct every value listed, or leave it out to use its default.',
})
