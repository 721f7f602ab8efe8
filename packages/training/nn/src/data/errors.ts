/** Errors between data files and token windows. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const dataFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nn_data_file_unreadable',
  status: 400,
  when: 'A training data file cannot be read.',
  message: (path, why) => `the data file ${JSON.stringify(path)} cannot be read: ${why}`,
  help: 'Name files that exist and may be read.',
})

export const parquetUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nn_parquet_unusable',
  status: 400,
  when: 'A Parquet file of training data is truncated or damaged, has row groups that are too large, or has none of the requested columns.',
  message: (path, why) => `the Parquet file ${JSON.stringify(path)} cannot be used: ${why}`,
  help: 'Fetch or write the file again, in row groups below 1 GiB; textField and messagesField name other columns.',
})

/** @internal */
export const dataRowInvalid: ErrorMaker<[path: string, line: number, why: string]> = defineError({
  code: 'nn_data_row_invalid',
  status: 400,
  when: 'A row of training data is invalid, and invalid rows are fatal.',
  message: (path, line, why) => `${path}:${line}: ${why}`,
  help: "Correct the row, or leave such rows out: onBadRow: 'skip', or --skip-bad of a command.",
  facts: (_path, line) => ({ line }),
})

/** @internal */
export const dataEmpty: ErrorMaker<[files: number, why: string]> = defineError({
  code: 'nn_data_empty',
  status: 400,
  when: 'The training data files contain no usable row.',
  message: (files, why) => `nothing in ${files} data file(s) can be used: ${why}`,
  help: 'Give rows such as {"text": "..."} or {"messages": [{"role": "user", "content": "..."}, ...]}, one a line.',
})

/** @internal */
export const dataOptionsInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'nn_data_options_invalid',
  status: 400,
  when: 'The options for reading or packing training data are invalid or contradictory.',
  message: (faults) => `the data options have ${faults.length} fault(s):${list(faults)}`,
  help: 'Correct every value listed.',
})

export const dataStateMismatch: ErrorMaker<[why: string]> = defineError({
  code: 'nn_data_state_mismatch',
  status: 400,
  when: 'A saved data position belongs to other data files, or to other reading options.',
  message: (why) => `the saved position in the data does not fit: ${why}`,
  help: 'Resume with the files, seed, shuffle buffer and split of the run that was saved, or start a new run.',
})

/** @internal */
export const dataTemplateFailed: ErrorMaker<[why: string]> = defineError({
  code: 'nn_chat_template_failed',
  status: 400,
  when: 'A chat template is missing, cannot be parsed, or rejects a conversation of the training data.',
  message: (why) => `the chat template failed: ${why}`,
  help: 'Give a template where there is none; else correct it, or the order and roles of the messages as it says.',
})

export const templateNotIncremental: ErrorMaker<[turn: number, why: string]> = defineError({
  code: 'nn_chat_template_not_incremental',
  status: 400,
  when: 'A chat template renders the start of a conversation differently when more turns follow, so the turns cannot be located.',
  message: (turn, why) =>
    `what the assistant says in message ${turn} cannot be found in the rendered text: ${why}`,
  help: "Learn the last turn alone (turns: 'last') from conversations cut after each answer, or use a template that only ever appends.",
})

export const tokenizerModelMismatch: ErrorMaker<[tokenizer: number, model: number]> = defineError({
  code: 'nn_tokenizer_model_mismatch',
  status: 400,
  when: 'The tokenizer has more token ids than the model has embeddings.',
  message: (tokenizer, model) =>
    `the tokenizer has ${tokenizer} tokens, the model's vocab_size is only ${model}`,
  help: 'Take the tokenizer.json that belongs to the model; a vocab_size may be larger than the tokenizer, never smaller.',
})

const list = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')
