/** What can be wrong with encoders, with the index of known attacks and with what it is taught. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const similarityFileInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_similarity_file_invalid',
  status: 500,
  when: 'A file of an encoder or of known attacks is cut short, altered or of another kind.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Install the package again, or write the file anew with the script that made it.',
})

export const embeddingInvalid: ErrorMaker<[encoder: string, why: string]> = defineError({
  code: 'guard_embedding_invalid',
  status: 500,
  when: 'An embedding function gives another number of vectors or dimensions than it was declared with, or no finite numbers.',
  message: (encoder, why) => `Encoder '${encoder}': ${why}`,
  help: 'Give one vector of finite numbers for each text, as long as `dimensions` says.',
})

export const similarityUncalibrated: ErrorMaker<[encoders: string]> = defineError({
  code: 'guard_similarity_uncalibrated',
  status: 400,
  when: 'A false-positive rate is asked of encoders for which no benign texts were measured.',
  message: (encoders) => `Nothing is known of how benign texts score with ${encoders}`,
  help: 'Pass `calibration` from calibrateSimilarity(index, benignTexts), or ask for a flat { cosine }.',
})

export const attackWouldBlockBenign: ErrorMaker<[blocked: number, of: number, examples: readonly string[]]> =
  defineError({
    code: 'guard_attack_would_block_benign',
    status: 400,
    when: 'A text that is to be learned as an attack is so near to benign texts that they would be blocked as well.',
    message: (blocked, of, examples) =>
      `Learning this would block ${blocked} of ${of} benign texts, such as ${examples.map((text) => JSON.stringify(text)).join(', ')}`,
    help: 'Learn only the part that is an attack, or leave it to the other layers.',
    facts: (blocked, of) => ({ blocked, of }),
  })

export const attackUnreadable: ErrorMaker<[why: string]> = defineError({
  code: 'guard_attack_unreadable',
  status: 400,
  when: 'A text that is to be learned says nothing that an encoder of the index can read.',
  message: (why) => `This cannot be learned: ${why}`,
  help: 'Learn a text of a few words in a language of one of the encoders.',
})

export const attackIdTaken: ErrorMaker<[id: string]> = defineError({
  code: 'guard_attack_id_taken',
  status: 400,
  when: 'An attack is to be learned under an id that another one has.',
  message: (id) => `There is an attack '${id}' already`,
  help: 'Choose another id, or forget that one first.',
})

export const attackUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_attack_unknown',
  status: 404,
  when: 'An attack is to be forgotten that the index does not have.',
  message: (id) => `There is no attack '${id}'`,
  help: 'Ids are those of `entries`, and those that verdicts name as nearest.',
})
