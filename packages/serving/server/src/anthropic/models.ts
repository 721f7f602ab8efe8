/** GET /v1/models for Anthropic clients, which send an API version header; also under DeepSeek's Anthropic base URL. */

import type { ModelInfo } from '@hadal/engine'
import type { AnthropicModel, AnthropicModelList } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'
import { anthropicErrors } from './error-body.ts'

const card = ({ id, contextLength, createdAt }: ModelInfo): AnthropicModel => ({
  type: 'model',
  id,
  display_name: id,
  created_at: new Date(createdAt * 1000).toISOString(),
  max_input_tokens: contextLength,
  max_tokens: contextLength,
  capabilities: null,
  line: null,
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
})

function list(models: ModelDirectory): AnthropicModelList {
  const data = models.loaded.map(({ model }) => model).filter(({ can }) => can.generate)
  return {
    data: data.map(card),
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}

/** Matches requests with the header that every Anthropic client sends. */
const ofAnthropic = { anthropic: 'yes' }

export function anthropicModelRoutes(app: FastifyInstance, models: ModelDirectory): void {
  app.addConstraintStrategy({
    name: 'anthropic',
    storage() {
      const handlers = new Map()
      return {
        get: (value) => handlers.get(value) ?? null,
        set: (value, handler) => handlers.set(value, handler),
      }
    },
    deriveConstraint: ({ headers }) =>
      headers['anthropic-version'] === undefined ? 'no' : ofAnthropic.anthropic,
  })
  const config = { errors: anthropicErrors }
  for (const [path, options] of [
    ['/v1/models', { config, constraints: ofAnthropic }],
    ['/anthropic/v1/models', { config }],
  ] as const) {
    app.get(path, options, async () => list(models))
    app.get<{ Params: { '*': string } }>(`${path}/*`, options, async (request) =>
      card(models.find(request.params['*']).model),
    )
  }
}
