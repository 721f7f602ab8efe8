/** Every error @hadal/nn raises to a user. */

import { defineError, type ErrorMaker } from '@hadal/base'

const list = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')

export const invalidModelConfig: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_invalid_model_config',
  status: 400,
  when: 'A model configuration is contradictory or incomplete.',
  message: (issues) => `the model configuration has ${issues.length} error(s):${list(issues)}`,
  help: 'Correct every value listed. Names and meanings are those of a Hugging Face config.json.',
})

/** @internal */
export const weightsMismatch: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_weights_mismatch',
  status: 400,
  when: 'The weights do not match the model that they are loaded into.',
  message: (issues) => `the weights do not match the model:${list(issues)}`,
  help: 'Build the model with the config.json that was saved with these weights.',
})

export const sequenceTooLong: ErrorMaker<[length: number, limit: number]> = defineError({
  code: 'nn_sequence_too_long',
  status: 400,
  when: 'A sequence is longer than max_position_embeddings of the model.',
  message: (length, limit) => `a sequence of ${length} tokens exceeds max_position_embeddings ${limit}`,
  help: 'Shorten the window, or build the model with a larger max_position_embeddings.',
})

export const sequenceIndivisible: ErrorMaker<[length: number, ranks: number]> = defineError({
  code: 'nn_sequence_indivisible',
  status: 400,
  when: 'Sequence parallelism (parallel.sequence) is on, and the sequence length is not divisible by the number of ranks.',
  message: (length, ranks) => `a sequence of ${length} tokens is not divisible by ${ranks} ranks`,
  help: 'Choose a window length that is a multiple of parallel.tensor, or leave parallel.sequence out.',
})

export const nothingToPack: ErrorMaker<[windowLength: number, reason: string]> = defineError({
  code: 'nn_nothing_to_pack',
  status: 400,
  when: 'The documents are too short to fill a single window.',
  message: (windowLength, reason) => `cannot pack a window of ${windowLength} tokens: ${reason}`,
  help: 'Provide more text, or choose a shorter window.',
})
