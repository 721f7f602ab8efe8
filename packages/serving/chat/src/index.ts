export type * from './conversation.ts'
export { chatNotContinuable, chatTemplateBusy, chatTemplateFailed } from './errors.ts'
export { prepareChat, prepareChatSync } from './prepare-chat.ts'
export { namedTemplate, templateNames } from './template/named-templates.ts'
