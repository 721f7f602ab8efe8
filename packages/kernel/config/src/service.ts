/**
 * The settings of a service: the table from which the config file, the environment, the flags of `hadal serve` and
 * docs/config.md are derived.
 */

import { adapterId } from './adapter-setting.ts'
import { type AccountsSettings, accountsSettings } from './service/accounts.ts'
import { type BatchingSettings, batchingSettings } from './service/batching.ts'
import { type DeploySettings, deploySettings } from './service/deploy.ts'
import { type GuardSettings, guardSettings } from './service/guard.ts'
import { type ModelSettings, modelSettings } from './service/model.ts'
import { type ModelsSettings, modelsSettings } from './service/models.ts'
import { type MonitorSettings, monitorSettings } from './service/monitor.ts'
import { type NetworkSettings, networkSettings } from './service/network.ts'
import { type ObservabilitySettings, observabilitySettings } from './service/observability.ts'
import { type OperationSettings, operationSettings } from './service/operation.ts'
import { readOverlay } from './service/overlays.ts'
import { type ReloadSettings, reloadSettings } from './service/reload.ts'
import { type RequestsSettings, requestsSettings } from './service/requests.ts'
import { type ScalingSettings, scalingSettings } from './service/scaling.ts'
import { type SecuritySettings, securitySettings } from './service/security.ts'
import { type SloSettings, sloSettings } from './service/slo.ts'
import { type StartSettings, startSettings } from './service/start.ts'
import type { SettingsTable } from './setting.ts'

/** Every setting with its value. Each comment is the row’s `doc`; a test compares them. */
export interface Service
  extends ModelSettings,
    ModelsSettings,
    NetworkSettings,
    SecuritySettings,
    AccountsSettings,
    GuardSettings,
    BatchingSettings,
    RequestsSettings,
    StartSettings,
    OperationSettings,
    ObservabilitySettings,
    ReloadSettings,
    SloSettings,
    ScalingSettings,
    DeploySettings,
    MonitorSettings {}

/**
 * The settings of a service: one table of types, defaults, flags, variables and descriptions.
 *
 * @example
 * ```ts
 * import { serviceSettings } from '@hadal/config'
 *
 * serviceSettings.port.default // → 8080
 * serviceSettings.port.env // → 'HADAL_PORT'
 * ```
 */
export const serviceSettings: SettingsTable<Service> = {
  ...modelSettings,
  ...modelsSettings,
  ...networkSettings,
  ...securitySettings,
  ...accountsSettings,
  ...guardSettings,
  ...batchingSettings,
  ...requestsSettings,
  ...startSettings,
  ...operationSettings,
  ...observabilitySettings,
  ...reloadSettings,
  ...sloSettings,
  ...scalingSettings,
  ...deploySettings,
  ...monitorSettings,
}

/** Meaningless with several models. */
const ofOneModel = [
  'model',
  'modelId',
  'modelAliases',
  'modelTags',
  'chatTemplate',
  'draftModel',
  'adapters',
] as const

/**
 * Errors between settings.
 *
 * @example
 * ```ts
 * import { checkService, resolveSettings, serviceSettings } from '@hadal/config'
 *
 * const { values } = resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values: { model: 'model.gguf' } } })
 * checkService(values) // → []
 * ```
 */
export function checkService(service: Service): string[] {
  const { maxBatchTokens, maxBatchSize, adapters } = service
  const issues: string[] = []
  if (maxBatchTokens < maxBatchSize)
    issues.push(
      `maxBatchTokens (${maxBatchTokens}) is less than maxBatchSize (${maxBatchSize}): a step must hold one token of every sequence`,
    )
  const { tlsCert, tlsKey } = service
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    issues.push(
      tlsKey === undefined ? `tlsCert (${tlsCert}) requires tlsKey` : `tlsKey (${tlsKey}) requires tlsCert`,
    )
  if (service.models.length > 0)
    for (const key of ofOneModel)
      if (JSON.stringify(service[key]) !== JSON.stringify(serviceSettings[key].default))
        issues.push(`${key} applies to a single model: with models, set it in the model's entry`)
  const ids = adapters.map(adapterId)
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at)))
    issues.push(`the adapter id ${JSON.stringify(id)} is used twice: give one of them another id`)
  for (const name of Object.keys(service.deploy.overlays)) issues.push(...readOverlay(service, name).issues)
  return issues
}
