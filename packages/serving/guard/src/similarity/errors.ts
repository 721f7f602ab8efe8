/** Errors of encoders, the known-attack index and learning. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const similarityFileInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_similarity_file_invalid',
  status: 500,
  when: 'A file of an encoder or of known attacks is truncated, altered or of another kind.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Reinstall the package, or regenerate the file with the script that created it.',
})

export const embeddingInvalid: ErrorMaker<[encoder: string, why: string]> = defineError({
  code: 'guard_embedding_invalid',
  status: 500,
  when: 'An embedding function returned a different number of vectors or dimensions than declared, or numbers that are not finite.',
  message: (encoder, why) => `Encoder '${encoder}': ${why}`,
  help: 'Return one vector of finite numbers per text, with the declared `dimensions`.',
})

export const similarityUncalibrated: ErrorMaker<[encoders: string]> = defineError({
  code: 'guard_similarity_uncalibrated',
  status: 400,
  when: 'A false-positive rate was requested for encoders that were not calibrated on benign texts.',
  message: (encoders) => `${encoders} is not calibrated on benign texts`,
  help: 'Pass `calibration` from calibrateSimilarity(index, benignTexts), or use a fixed threshold { cosine }.',
})

export const attackWouldBlockBenign: ErrorMaker<[blocked: number, of: number, examples: readonly string[]]> =
  defineError({
    code: 'guard_attack_would_block_benign',
    status: 400,
    when: 'The text to learn as an attack is so similar to benign texts that these would be blocked as well.',
    message: (blocked, of, examples) =>
      `Learning this would block ${blocked} of ${of} benign texts, such as ${examples.map((text) => JSON.stringify(text)).join(', ')}`,
    help: 'Learn only the part that is an attack, or leave it to the other layers.',
    facts: (blocked, of) => ({ blocked, of }),
  })

export const attackUnreadable: ErrorMaker<[why: string]> = defineError({
  code: 'guard_attack_unreadable',
  status: 400,
  when: 'The text to learn contains nothing that an encoder of the index can process.',
  message: (why) => `cannot learn this text: ${why}`,
  help: 'Use a text of several words in a language that one of the encoders supports.',
})

export const attackIdTaken: ErrorMaker<[id: string]> = defineError({
  code: 'guard_attack_id_taken',
  status: 400,
  when: 'The id of the attack to learn is already in use.',
  message: (id) => `an attack with id '${id}' already exists`,
  help: 'Choose another id, or forget the existing attack first.',
})

export const attackUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_attack_unknown',
  status: 404,
  when: 'The attack to forget is not in the index.',
  message: (id) => `no attack has the id '${id}'`,
  help: 'Use an id from `entries`, or one that a verdict names as nearest.',
})
