export { clientOfKey } from './api-keys.ts'
export { createServer, type HadalServer, type ServerOptions } from './create-server.ts'
export type {
  ChoiceDelta,
  ChoiceDone,
  ChoiceEvent,
  ChoiceFinishReason,
  Generate,
  Generation,
  GenerationLayer,
} from './generation.ts'
export { defaultLimits, type ServerLimits } from './limits.ts'
export type { Address } from './listen.ts'
