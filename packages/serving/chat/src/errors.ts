/** Errors of preparing a chat; schema and pattern errors are in `@hadal/grammar`. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const chatTemplateFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'chat_template_failed',
  status: 400,
  when: 'The chat template of the model cannot be parsed, rejects the messages, or takes too long to render.',
  message: (model, why) => `the chat template of ${model} failed: ${why}`,
  help: 'Change the order or roles of the messages as the message says, or use /v1/completions with a plain prompt.',
})

export const chatTemplateBusy: ErrorMaker<[model: string]> = defineError({
  code: 'chat_template_busy',
  status: 503,
  when: 'The chat template of the model takes long to render, and many requests wait for it.',
  message: (model) => `too many requests wait for the slow chat template of ${model}`,
  help: 'Retry after the given number of seconds, or serve the model with another chat template.',
})

export const chatNotContinuable: ErrorMaker<[what: string]> = defineError({
  code: 'chat_not_continuable',
  status: 400,
  when: 'The request continues the last message, which is not a partial assistant message.',
  message: (what) => `the last message cannot be continued: it is ${what}`,
  help: 'End the messages with an assistant message that has content or reasoning and no tool calls.',
})
