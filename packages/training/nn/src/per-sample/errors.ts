/** Errors of gradients by sample. */

import { defineError, type ErrorMaker } from '@hadal/base'

const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')

export const parametersUnobserved: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'nn_parameters_unobserved',
  status: 400,
  when: 'Parameters are to be trained privately, and no layer said how it used them, so gradients of single samples are unknown.',
  message: (names) => `no layer told of its use of ${listed(names)}`,
  help: 'Use the mode "exact", build the model of layers that tell (see the guide on private training), or freeze these parameters.',
})

export const samplesUnclear: ErrorMaker<[layer: string, shape: readonly number[], rows: number]> =
  defineError({
    code: 'nn_samples_unclear',
    status: 400,
    when: 'What a layer gives has not one row for each row of the batch, so whose gradient is whose cannot be told.',
    message: (layer, shape, rows) =>
      `what a layer of the kind "${layer}" gave is [${shape.join(', ')}]; the batch has ${rows} rows`,
    help: 'Keep the batch in dimension 0 of everything that layers read, or use the mode "exact".',
  })

export const changedInPlace: ErrorMaker<[layer: string, what: 'input' | 'output']> = defineError({
  code: 'nn_changed_in_place',
  status: 500,
  when: 'A model changed what a layer read or gave in place, and gradients by sample need it as it was.',
  message: (layer, what) => `the ${what} of a layer of the kind "${layer}" was changed in place after it ran`,
  help: 'Use the operator without the underscore there (relu instead of relu_), or the mode "exact".',
})

export const usesUntold: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'nn_uses_untold',
  status: 400,
  when: 'Gradients of single samples do not add up to the gradient of the loss: a model uses parameters in a way no layer told of.',
  message: (names) => `the model uses ${listed(names)} in a way that no layer told of`,
  help: 'Use the mode "exact", or take such parameters through forEachRow, linearOf or embeddingOf.',
})
