/** Errors of text and tokens. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const invalidVocabSize: ErrorMaker<[vocabSize: number, least: number]> = defineError({
  code: 'nn_vocab_size_invalid',
  status: 400,
  when: 'The vocabulary size is too small for the 256 bytes and the special tokens.',
  message: (vocabSize, least) => `vocabSize is ${vocabSize}; it must be an integer of at least ${least}`,
  help: (_vocabSize, least) => `Use at least ${least}: 256 bytes plus all special tokens.`,
})

export const invalidSpecialToken: ErrorMaker<[token: string, reason: string]> = defineError({
  code: 'nn_special_token_invalid',
  status: 400,
  when: 'A special token is empty, duplicated, unknown, or identical to an ordinary token.',
  message: (token, reason) => `special token ${JSON.stringify(token)} ${reason}`,
  help: 'Give every special token a unique text, such as <|im_end|>.',
})

export const invalidTokenId: ErrorMaker<[id: number, vocabSize: number]> = defineError({
  code: 'nn_token_id_invalid',
  status: 400,
  when: 'A token id is outside the vocabulary.',
  message: (id, vocabSize) => `token id ${id} is outside the vocabulary of ${vocabSize}`,
  help: 'Decode with the tokenizer that produced the ids.',
})

export const tokenizerFileInvalid: ErrorMaker<[reason: string]> = defineError({
  code: 'nn_tokenizer_file_invalid',
  status: 400,
  when: 'A tokenizer.json is contradictory, or lacks fields that its tokenizer type needs.',
  message: (reason) => `invalid tokenizer.json: ${reason}`,
  help: 'Use the complete, unedited tokenizer.json of the model.',
})

export const tokenizerUnsupported: ErrorMaker<[feature: string]> = defineError({
  code: 'nn_tokenizer_unsupported',
  status: 400,
  when: 'A tokenizer.json uses a feature that neither Hadal nor @huggingface/tokenizers implements.',
  message: (feature) => `tokenizer.json uses ${feature}, which Hadal does not implement`,
  help: 'Serve the model from a GGUF file: llama.cpp includes the tokenizer.',
})

export const tokenizerUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nn_tokenizer_unreadable',
  status: 400,
  when: 'A folder has no readable tokenizer.json, or its tokenizer defines no end-of-text token.',
  message: (path, why) => `cannot read a tokenizer from ${JSON.stringify(path)}: ${why}`,
  help: 'Name a tokenizer.json, or a Hugging Face model folder that contains one.',
})

export const tokenizerNotInLlama: ErrorMaker<[patterns: readonly string[]]> = defineError({
  code: 'nn_tokenizer_not_in_llama',
  status: 400,
  when: 'The tokenizer cannot be exported to GGUF, because llama.cpp has no equivalent for its pattern.',
  message: (patterns) => `llama.cpp has no pre-tokenizer for the pattern ${patterns.join(' then ')}`,
  help: 'Train the tokenizer with qwen2Pattern (the default) or gpt2Pattern.',
})
