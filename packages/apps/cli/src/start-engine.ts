/** Makes the engine that `hadal serve` serves. */

import { adapterId, type Service } from '@hadal/config'
import { createLlamaEngine, type LlamaEngineOptions } from '@hadal/engine'
// Not of all the server, which is loaded beside the model.
import { clientOfKey } from '@hadal/server/api-keys'
import type { StartEngine } from '@hadal/service'
import { startOnnx } from './onnx/start-onnx.ts'
import { startTowers } from './towers/start-towers.ts'

const engineSettings = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensBesideDecodes',
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

/** The weights of API keys, by the clients that they are told apart as. */
export function clientWeights({ apiKeys = [], keyWeights = [] }: Partial<Service>): Record<string, number> {
  return Object.fromEntries(apiKeys.map((key, at) => [clientOfKey(key), keyWeights[at] ?? 1]))
}
