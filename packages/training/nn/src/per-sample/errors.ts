/** Errors of gradients by sample. */

import { defineError, type ErrorMaker } from '@hadal/base'

const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')

export const parametersUnobserved: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'nn_parameters_unobserved',
  status: 400,
  when: 'Private training needs per-sample gradients, and no layer reported how it uses these parameters.',
  message: (names) => `no layer reported its use of ${listed(names)}`,
  help: 'Use the mode "exact", build the model from supported layers (see the guide on private training), or freeze these parameters.',
})

export const samplesUnclear: ErrorMaker<[layer: string, shape: readonly number[], rows: number]> =
  defineError({
    code: 'nn_samples_unclear',
    status: 400,
    when: 'The output of a layer does not have one row per row of the batch, so per-sample gradients cannot be separated.',
    message: (layer, shape, rows) =>
      `the output of a layer of kind "${layer}" has shape [${shape.join(', ')}]; the batch has ${rows} rows`,
    help: 'Keep the batch in dimension 0 of all layer inputs, or use the mode "exact".',
  })

export const changedInPlace: ErrorMaker<[layer: string, what: 'input' | 'output']> = defineError({
  code: 'nn_changed_in_place',
  status: 500,
  when: 'The model modified the input or output of a layer in place, and per-sample gradients need the original values.',
  message: (layer, what) => `the ${what} of a layer of kind "${layer}" was modified in place after it ran`,
  help: 'Use the operator without the trailing underscore (relu instead of relu_), or the mode "exact".',
})

export const usesUntold: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'nn_uses_untold',
  status: 400,
  when: 'The per-sample gradients do not add up to the gradient of the loss, because the model uses parameters in a way that no layer reported.',
  message: (names) => `the model uses ${listed(names)} in a way that no layer reported`,
  help: 'Use the mode "exact", or apply these parameters through forEachRow, linearOf or embeddingOf.',
})
