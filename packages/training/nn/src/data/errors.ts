/** Errors between data files and token windows. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const dataFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nn_data_file_unreadable',
  status: 400,
  when: 'A training data file cannot be read.',
  message: (path, why) => `cannot read the data file ${JSON.stringify(path)}: ${why}`,
  help: 'Check the path and its permissions.',
})

export const parquetUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nn_parquet_unusable',
  status: 400,
  when: 'A Parquet file of training data is truncated or damaged, has row groups that are too large, or has none of the requested columns.',
  message: (path, why) => `cannot use the Parquet file ${JSON.stringify(path)}: ${why}`,
  help: 'Download or write the file again, with row groups below 1 GiB. textField and messagesField select other columns.',
})

/** @internal */
export const dataRowInvalid: ErrorMaker<[path: string, line: number, why: string]> = defineError({
  code: 'nn_data_row_invalid',
  status: 400,
  when: 'A row of training data is invalid, and invalid rows are fatal.',
  message: (path, line, why) => `${path}:${line}: ${why}`,
  help: "Correct the row, or skip invalid rows: onBadRow: 'skip', or --skip-bad on the command line.",
  facts: (_path, line) => ({ line }),
})

/** @internal */
export const dataEmpty: ErrorMaker<[files: number, why: string]> = defineError({
  code: 'nn_data_empty',
  status: 400,
  when: 'The training data files contain no usable row.',
  message: (files, why) => `nothing in ${files} data file(s) is usable: ${why}`,
  help: 'Provide one JSON object per line, such as {"text": "..."} or {"messages": [{"role": "user", "content": "..."}, ...]}.',
})

/** @internal */
export const dataOptionsInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_data_options_invalid',
  status: 400,
  when: 'The options for reading or packing training data are invalid or contradictory.',
  message: (issues) => `the data options have ${issues.length} error(s):${list(issues)}`,
  help: 'Correct every value listed.',
})

export const dataStateMismatch: ErrorMaker<[why: string]> = defineError({
  code: 'nn_data_state_mismatch',
  status: 400,
  when: 'A saved data position belongs to other data files, or to other reading options.',
  message: (why) => `the saved data position does not match: ${why}`,
  help: 'Resume with the files, seed, shuffle buffer and split of the saved run, or start a new run.',
})

/** @internal */
export const dataTemplateFailed: ErrorMaker<[why: string]> = defineError({
  code: 'nn_chat_template_failed',
  status: 400,
  when: 'A chat template is missing, cannot be parsed, or rejects a conversation of the training data.',
  message: (why) => `the chat template failed: ${why}`,
  help: 'Provide a template if there is none. Otherwise correct the template, or the order and roles of the messages.',
})

export const templateNotIncremental: ErrorMaker<[turn: number, why: string]> = defineError({
  code: 'nn_chat_template_not_incremental',
  status: 400,
  when: 'A chat template renders the start of a conversation differently when more turns follow, so the turns cannot be located.',
  message: (turn, why) => `cannot locate assistant message ${turn} in the rendered text: ${why}`,
  help: "Train on the last turn only (turns: 'last') with conversations cut after each response, or use a template that only appends.",
})

export const tokenizerModelMismatch: ErrorMaker<[tokenizer: number, model: number]> = defineError({
  code: 'nn_tokenizer_model_mismatch',
  status: 400,
  when: 'The tokenizer has more token ids than the model has embeddings.',
  message: (tokenizer, model) =>
    `the tokenizer has ${tokenizer} tokens, the model's vocab_size is only ${model}`,
  help: 'Use the tokenizer.json of this model. vocab_size may be larger than the tokenizer, but not smaller.',
})

const list = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')
