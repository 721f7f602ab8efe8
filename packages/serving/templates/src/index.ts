export type { LiteralHook } from './compile.ts'
export { type FailureKind, TemplateFailure } from './failure.ts'
export { formatTime } from './format-time.ts'
export { checkTemplate, type RenderOptions, renderTemplate } from './render-template.ts'
