/** Settings for several models in one service. */

import { z } from 'zod'
import { bytes, type Kind, millis, optional, wholeNumber } from '../kinds.ts'
import { type ModelEntry, readModels } from '../model-entry.ts'
import { asJson } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ModelsSettings {
  /** Multiple models: a list of objects, each with an `id`, a `model` to load or an `upstream` to forward to, and its own settings; see docs/models.md. */
  readonly models: readonly ModelEntry[]
  /** Memory for all models (weights and KV cache). The least recently used models are unloaded. */
  readonly memoryBudgetBytes: number | undefined
  /** Maximum number of loaded models. */
  readonly maxModels: number | undefined
  /** Unload a model after this idle time. */
  readonly idleUnloadMillis: number | undefined
}

const modelEntries: Kind<readonly ModelEntry[]> = {
  schema: z.unknown().transform((given, context) => {
    const { models, issues } = readModels(given)
    for (const issue of issues) context.addIssue({ code: 'custom', message: issue })
    return models
  }),
  expected: 'a list of models, as docs/models.md describes them; in the variable as JSON',
  read: asJson,
  issues: (given) => readModels(given).issues,
  show: (models) => models.map(({ id }) => id).join(','),
}

export const modelsSettings: SettingsTable<ModelsSettings> = {
  models: setting({
    kind: modelEntries,
    default: [],
    defaultDoc: 'the one that `model` names',
    doc: 'Multiple models: a list of objects, each with an `id`, a `model` to load or an `upstream` to forward to, and its own settings; see docs/models.md.',
    group: 'Model',
    unit: null,
    flag: null,
    env: 'HADAL_MODELS',
    reload: 'live',
  }),
  memoryBudgetBytes: setting({
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'all available memory',
    doc: 'Memory for all models (weights and KV cache). The least recently used models are unloaded.',
    group: 'Model',
    unit: 'bytes',
    flag: '--memory-budget <size>',
    env: 'HADAL_MEMORY_BUDGET_BYTES',
    reload: 'live',
  }),
  maxModels: setting({
    kind: optional(wholeNumber(1)),
    default: undefined,
    defaultDoc: 'no limit on the number',
    doc: 'Maximum number of loaded models.',
    group: 'Model',
    unit: 'models',
    flag: '--max-models <number>',
    env: 'HADAL_MAX_MODELS',
    reload: 'live',
  }),
  idleUnloadMillis: setting({
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'never',
    doc: 'Unload a model after this idle time.',
    group: 'Model',
    unit: 'milliseconds',
    flag: '--idle-unload <duration>',
    env: 'HADAL_IDLE_UNLOAD_MILLIS',
  }),
}
