/** GET /v1/models and /v1/models/:id. */

import type { ModelInfo } from '@hadal/engine'
import type { ModelCard, ModelList } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'

const card = (model: ModelInfo): ModelCard => ({
  id: model.id,
  object: 'model',
  created: model.createdAt,
  owned_by: 'hadal',
  max_model_len: model.contextLength,
})

export function modelRoutes(app: FastifyInstance, models: ModelDirectory): void {
  app.get('/v1/models', async (): Promise<ModelList> => {
    return { object: 'list', data: models.loaded.map((engine) => card(engine.model)) }
  })
  // A wildcard, because ids may contain slashes.
  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) =>
    card(models.find(request.params['*']).model),
  )
}
