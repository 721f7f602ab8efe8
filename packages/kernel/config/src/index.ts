export { type AdapterSetting, adapterId } from './adapter-setting.ts'
export { defineService, type ServiceDefinition } from './define-service.ts'
export { configFileNotFound, configInvalid } from './errors.ts'
export type { Kind } from './kinds.ts'
export { type ConfigFile, configFileNames, findConfigFile, loadConfigFile, loadModule } from './load-file.ts'
export { type IsolatedOptions, loadConfigIsolated } from './load-isolated.ts'
export {
  type LocalEntry,
  type ModelEntry,
  type OwnSettings,
  ownSettings,
  type RemoteEntry,
} from './model-entry.ts'
export { planReload, type ReloadPlan } from './plan-reload.ts'
export type { PriceSetting } from './price-setting.ts'
export { redact, redactText } from './redact.ts'
export { configReferencePage } from './reference-page.ts'
export {
  type Origin,
  type Read,
  type Resolved,
  type ResolveOptions,
  readSettings,
  resolveSettings,
  type SettingSources,
} from './resolve.ts'
export { quantityValue } from './service/deploy-kinds.ts'
export type { Deploy } from './service/deploy-parts.ts'
export type { Monitor } from './service/monitor.ts'
export { type ReadOverlay, readOverlay } from './service/overlays.ts'
export { nobody, type ReceiverEntry, type SmtpEntry } from './service/receivers.ts'
export type { Scaling } from './service/scaling.ts'
export type { Slo } from './service/slo.ts'
export { checkService, type Service, serviceSettings } from './service.ts'
export { describeDefault, type Setting, type SettingsTable } from './setting.ts'
export { type RunSettings, runSettings } from './training/run-settings.ts'
export { trainingSettingsPage } from './training/settings-page.ts'
export type { UpstreamEntry } from './upstream-entry.ts'
