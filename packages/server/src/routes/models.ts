/** GET /v1/models and /v1/models/:id, with and without /v1. */

import { formatCount } from '@hadal/base'
import type { ModelInfo } from '@hadal/engine'
import type { ModelCapability, ModelCard, ModelList, ModelSummary } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'

function capabilitiesOf({ can, chatTemplate, fim }: ModelInfo): ModelCapability[] {
  return [
    ...(can.generate ? (['completion'] as const) : []),
    ...(can.generate && chatTemplate !== undefined ? (['chat'] as const) : []),
    ...(can.generate && fim !== undefined ? (['insert'] as const) : []),
    ...(can.embed ? (['embedding'] as const) : []),
    ...(can.rerank ? (['rerank'] as const) : []),
  ]
}

const card = (model: ModelInfo, { aliases, tags }: ModelDirectory): ModelCard => ({
  id: model.id,
  object: 'model',
  created: model.createdAt,
  owned_by: 'hadal',
  max_model_len: model.contextLength,
  aliases,
  tags,
  capabilities: capabilitiesOf(model),
  architecture: model.architecture,
  meta: {
    n_vocab: model.vocabularySize,
    n_ctx: model.contextLength,
    n_ctx_train: model.trainedLength,
    n_embd: model.embeddingLength,
    n_params: model.parameterCount,
    size: model.fileBytes,
  },
})

const summary = (model: ModelInfo): ModelSummary => ({
  name: model.id,
  model: model.id,
  modified_at: new Date(model.createdAt * 1000).toISOString(),
  size: model.fileBytes,
  digest: '',
  type: 'model',
  description: '',
  tags: [],
  capabilities: capabilitiesOf(model),
  parameters: '',
  details: {
    parent_model: '',
    format: 'gguf',
    family: model.architecture,
    families: [model.architecture],
    parameter_size: formatCount(model.parameterCount),
    quantization_level: '',
  },
})

export function modelRoutes(app: FastifyInstance, models: ModelDirectory): void {
  for (const prefix of ['/v1', '']) {
    app.get(`${prefix}/models`, async (): Promise<ModelList> => {
      const loaded = models.loaded.map((engine) => engine.model)
      const withAdapters = models.loaded.flatMap(({ model, adapters }) =>
        adapters.map(({ id }) => ({ ...card({ ...model, id }, models), parent: model.id, aliases: [] })),
      )
      return {
        object: 'list',
        data: [...loaded.map((model) => card(model, models)), ...withAdapters],
        models: loaded.map(summary),
      }
    })
    // A wildcard, because ids may contain slashes.
    app.get<{ Params: { '*': string } }>(`${prefix}/models/*`, async (request) =>
      card(models.find(request.params['*']).model, models),
    )
  }
}
