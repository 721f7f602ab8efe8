/** Errors of multiple adapters on one model. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const adapterUnknown: ErrorMaker<[name: string, known: readonly string[]]> = defineError({
  code: 'nn_adapter_unknown',
  status: 400,
  when: 'The model has no adapter with the requested name.',
  message: (name, known) =>
    `there is no adapter ${JSON.stringify(name)}; ${known.length === 0 ? 'the model has none' : `the model has ${known.join(', ')}`}`,
  help: 'Add the adapter first, or use one of the names listed.',
})

export const adapterNameTaken: ErrorMaker<[name: string]> = defineError({
  code: 'nn_adapter_name_taken',
  status: 400,
  when: 'The model already has an adapter with this name.',
  message: (name) => `an adapter named ${JSON.stringify(name)} already exists`,
  help: 'Remove it first, or choose another name.',
})

export const adaptersMerged: ErrorMaker<[what: string]> = defineError({
  code: 'nn_adapters_merged',
  status: 400,
  when: 'Adapters cannot be changed while they are merged into the weights.',
  message: (what) => `${what} is not possible while adapters are merged into the weights`,
  help: 'Call unmerge() first.',
})

export const adaptersNotCombined: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_adapters_not_combined',
  status: 400,
  when: 'The adapters are not compatible with each other and cannot be combined into one.',
  message: (issues) => `cannot combine the adapters:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Combine plain LoRA adapters of the same model. For different ranks, use the kind "concatenation" or "svd".',
})
