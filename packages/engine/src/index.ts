export type * from './engine.ts'
export {
  contextLengthExceeded,
  emptyPrompt,
  engineClosed,
  engineCrashed,
  invalidToken,
  queueFull,
} from './errors.ts'
export { createFakeEngine, type FakeEngine, type FakeEngineOptions } from './fake-engine.ts'
export * from './models/index.ts'
