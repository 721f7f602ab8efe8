export type * from './conversation.ts'
export { chatTemplateFailed } from './errors.ts'
export { prepareChat } from './prepare-chat.ts'
