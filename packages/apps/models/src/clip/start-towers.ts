/** Starts the engine of a dual encoder model, which runs in a separate process with libtorch: it is never loaded here. */

import { type Logger, programEntry } from '@hadal/base'
import type { Service } from '@hadal/config'
import { createTowersEngine, type Engine, type TowersEngineOptions } from '@hadal/engine'
import { dropEarlyProcess } from '@hadal/engine/early'
import type { ServedModel } from '@hadal/service'
import { settingsOfEngine } from '@hadal/service'

const towersSettings = [
  'maxBatchSize',
  'maxBatchTokens',
  'timeoutMicros',
  'maxQueue',
  'threads',
  'preload',
  'standby',
  'priorityAgingMillis',
  'stallTimeoutMillis',
] as const satisfies readonly (keyof Service & keyof TowersEngineOptions)[]

/** Settings that do not apply here. */
const meaningless = [
  'adapters',
  'chatTemplate',
  'contextLength',
  'draftModel',
  'gpuLayers',
  'kvCacheBytes',
  'pooling',
  'reranking',
  'snapshotDir',
] as const satisfies readonly (keyof Service)[]

export function startTowers(
  model: ServedModel,
  said: Partial<Service>,
  logger: Logger,
  weights: Readonly<Record<string, number>>,
): Engine {
  // It is llama.cpp's.
  dropEarlyProcess()
  const reported = { model: model.path, what: 'embeds texts and images', logger }
  return createTowersEngine({
    folder: model.path,
    program: programEntry(import.meta.url, './main'),
    ...(model.id !== undefined && { modelId: model.id }),
    ...settingsOfEngine(said, towersSettings, meaningless, reported),
    clientWeights: weights,
    logger,
  })
}
