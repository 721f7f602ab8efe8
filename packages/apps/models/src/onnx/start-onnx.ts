/** Starts the engine of an ONNX model, which runs in a separate process with onnxruntime: it is never loaded here. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import { createOnnxEngine, type Engine, type OnnxEngineOptions } from '@hadal/engine'
import { dropEarlyProcess } from '@hadal/engine/early'
import type { ServedModel } from '@hadal/service'
import { settingsOfEngine } from '@hadal/service'

const onnxSettings = [
  'maxBatchSize',
  'timeoutMicros',
  'maxQueue',
  'threads',
  'batchInvariant',
  'preload',
  'standby',
  'priorityAgingMillis',
  'stallTimeoutMillis',
] as const satisfies readonly (keyof Service & keyof OnnxEngineOptions)[]

/** Settings that do not apply here. */
const meaningless = [
  'adapters',
  'chatTemplate',
  'contextLength',
  'draftModel',
  'embeddings',
  'gpuLayers',
  'kvCacheBytes',
  'maxBatchTokens',
  'pooling',
  'reranking',
  'snapshotDir',
] as const satisfies readonly (keyof Service)[]

export function startOnnx(
  model: ServedModel,
  said: Partial<Service>,
  logger: Logger,
  weights: Readonly<Record<string, number>>,
): Engine {
  // It is llama.cpp's.
  dropEarlyProcess()
  const reported = { model: model.path, what: 'takes tensors', logger }
  return createOnnxEngine({
    path: model.path,
    ...(model.id !== undefined && { modelId: model.id }),
    ...settingsOfEngine(said, onnxSettings, meaningless, reported),
    clientWeights: weights,
    logger,
  })
}
