/** Makes the engine that `hadal serve` serves. */

import { adapterId, type Service } from '@hadal/config'
import { createLlamaEngine, type LlamaEngineOptions } from '@hadal/engine'
import { startOnnx, startTowers } from '@hadal/models/serving'
// A deep import, because the whole server loads in parallel with the model.
import { clientOfKey } from '@hadal/server/api-keys'
import type { StartEngine } from '@hadal/service'

const engineSettings = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
  'timeoutMicros',
  'contextLength',
  'maxQueue',
  'threads',
  'kvCacheBytes',
  'batchInvariant',
  'gpuLayers',
  'stallTimeoutMillis',
  'embeddings',
  'pooling',
  'reranking',
  'chatTemplate',
  'speculation',
  'draftTokens',
  'preload',
  'lockMemory',
  'mapMemory',
  'standby',
  'cudaGraph',
  'sloTtftMillis',
  'sloItlMillis',
  'priorityAgingMillis',
  'preemption',
  'hostCacheBytes',
  'snapshotDir',
] as const satisfies readonly (keyof Service & keyof LlamaEngineOptions)[]

export const startServed: StartEngine = (model, said, logger, weights = clientWeights(said)) => {
  if (model.isOnnx === true) return startOnnx(model, said, logger, weights)
  return model.hasTowers === true
    ? startTowers(model, said, logger, weights)
    : startLlama(model, said, logger, weights)
}

export const startLlama: StartEngine = (model, said, logger, weights = clientWeights(said)) => {
  const chosen = engineSettings.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]] as const]))
  return createLlamaEngine({
    modelPath: model.path,
    ...(model.id !== undefined && { modelId: model.id }),
    ...(model.draftPath !== undefined && { draftModelPath: model.draftPath }),
    ...Object.fromEntries(chosen),
    clientWeights: weights,
    adapters: (said.adapters ?? []).map((adapter) => ({
      id: adapterId(adapter),
      path: adapter.path,
      scale: adapter.scale ?? 1,
    })),
    logger,
  })
}

/** Weights of API keys, by client identifier. */
export function clientWeights({ apiKeys = [], keyWeights = [] }: Partial<Service>): Record<string, number> {
  return Object.fromEntries(apiKeys.map((key, at) => [clientOfKey(key), keyWeights[at] ?? 1]))
}
