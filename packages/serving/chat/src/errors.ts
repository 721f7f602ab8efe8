/** Every error of preparing a chat that a user can meet; those of schemas and patterns are `@hadal/grammar`'s. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const chatTemplateFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'chat_template_failed',
  status: 400,
  when: "The model's chat template cannot be read, refuses the messages, or takes too long over them.",
  message: (model, why) => `the chat template of ${model} failed: ${why}`,
  help: 'Change the order or roles of the messages as it says, or use /v1/completions with a prompt of your own.',
})

export const chatNotContinuable: ErrorMaker<[what: string]> = defineError({
  code: 'chat_not_continuable',
  status: 400,
  when: 'The last message is to be continued, but is not the beginning of an answer.',
  message: (what) => `the last message cannot be continued: it is ${what}`,
  help: 'End the messages with one of the assistant that has content or reasoning and no tool calls.',
})
