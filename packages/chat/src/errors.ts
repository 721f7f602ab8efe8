/** Every error of preparing a chat that a user can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const chatTemplateFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'chat_template_failed',
  status: 400,
  when: "The model's chat template cannot be read, or refuses the messages.",
  message: (model, why) => `the chat template of ${model} failed: ${why}`,
  help: 'Change the order or roles of the messages as it says, or use /v1/completions with a prompt of your own.',
})
