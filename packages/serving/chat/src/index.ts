export type * from './conversation.ts'
export { chatNotContinuable, chatTemplateFailed } from './errors.ts'
export { prepareChat } from './prepare-chat.ts'
export { namedTemplate, templateNames } from './template/named-templates.ts'
