export { attackPhrasesCheck } from './attack-phrases-check.ts'
export { chatMarks, chatMarkupCheck } from './chat-markup-check.ts'
export { type ControlCharactersOptions, controlCharactersCheck } from './control-characters-check.ts'
export { estimateTokens, type Limits, limitsCheck } from './limits-check.ts'
export { patternsCheck } from './patterns-check.ts'
export {
  type PersonalDataKind,
  personalDataCheck,
  personalDataKinds,
} from './personal-data/personal-data-check.ts'
export { type Redaction, redact } from './redact.ts'
export { type SecretKind, secretKinds, secretsCheck } from './secrets/secrets-check.ts'
export { StreamRedactor, type StreamRedactorOptions } from './stream-redactor.ts'
export type { UserPattern } from './user-patterns.ts'
