export { findBundledModel, listBundledModels } from './bundled-models.ts'
export {
  configCandidates,
  configPath,
  describeChoices,
  describeValue,
  givenSettings,
  loadSettings,
  loadSettingsAgain,
  originOf,
  otherVariables,
  saidSettings,
} from './load-settings.ts'
export { readChatTemplate } from './read-chat-template.ts'
export type { ServedModel, StartEngine } from './served-model.ts'
export { liveServerSettings, serverSettings } from './server-settings.ts'
export { addSettingFlags, flagValues } from './setting-flags.ts'
export { settingsOfEngine } from './settings-of-engine.ts'
export { version } from './version.ts'
export { weightBytes } from './weight-bytes.ts'
