/** GET /v1/models and /v1/models/:id, with and without /v1. */

import { formatCount } from '@hadal/base'
import type { ModelInfo } from '@hadal/engine'
import type { ModelCapability, ModelCard, ModelList, ModelStatus, ModelSummary } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import type { ModelDirectory } from '../model-directory.ts'
import type { HostedModel } from '../models/hosted-model.ts'
import type { ModelNames, UpstreamModel } from '../models/model-source.ts'

function capabilitiesOf({ can, chatTemplate, fim, images, tensors }: ModelInfo): ModelCapability[] {
  return [
    ...(can.generate ? (['completion'] as const) : []),
    ...(can.generate && chatTemplate !== undefined ? (['chat'] as const) : []),
    ...(can.generate && fim !== undefined ? (['insert'] as const) : []),
    ...(can.embed ? (['embedding'] as const) : []),
    ...(can.rerank ? (['rerank'] as const) : []),
    ...(can.embed && images !== undefined ? (['vision'] as const) : []),
    ...(tensors === undefined ? [] : (['inference'] as const)),
  ]
}

/** For a loaded model. */
const card = (model: ModelInfo, { aliases = [], tags = [] }: ModelNames): ModelCard => ({
  id: model.id,
  object: 'model',
  created: model.createdAt,
  owned_by: 'hadal',
  aliases,
  tags,
  status: { value: 'loaded' },
  ...(model.contextLength > 0 && { max_model_len: model.contextLength }),
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

/** For a model not loaded here, of which little is known. */
const bareCard = (id: string, { aliases = [], tags = [] }: ModelNames, status: ModelStatus): ModelCard => ({
  id,
  object: 'model',
  created: 0,
  owned_by: 'hadal',
  aliases,
  tags,
  status,
})

function hostedCards({ open, id, source, status }: HostedModel): ModelCard[] {
  if (open === undefined) {
    if (id === undefined || source.isGiven === true) return []
    const value = status === 'loading' || status === 'unloading' ? status : 'unloaded'
    return [bareCard(id, source, { value, ...(status === 'failed' && { failed: true }) })]
  }
  const adapters = open.adapters.map((adapter) => ({
    ...card({ ...open.model, id: adapter.id }, { tags: source.tags ?? [] }),
    parent: open.model.id,
  }))
  return [card(open.model, source), ...adapters]
}

function upstreamCard(source: UpstreamModel): ModelCard {
  const { state, wake } = source.upstream.snapshot()
  const isAsleep = state === 'asleep'
  const etaSeconds = wake.estimate && Math.ceil(wake.estimate.likelyMillis / 1000)
  return bareCard(source.id, source, {
    value: 'elsewhere',
    ...(state !== 'ready' && !isAsleep && { failed: true }),
    ...(isAsleep && { asleep: true, ...(etaSeconds !== undefined && { eta_seconds: etaSeconds }) }),
  })
}

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
    format: model.tensors === undefined ? 'gguf' : 'onnx',
    family: model.architecture,
    families: [model.architecture],
    parameter_size: formatCount(model.parameterCount),
    quantization_level: '',
  },
})

export function modelRoutes(app: FastifyInstance, models: ModelDirectory): void {
  for (const prefix of ['/v1', '']) {
    app.get(`${prefix}/models`, async (): Promise<ModelList> => {
      const hosted = models.hosted.flatMap(hostedCards)
      return {
        object: 'list',
        // Models first, then adapters.
        data: [
          ...hosted.filter(({ parent }) => parent === undefined),
          ...models.upstreams.map(upstreamCard),
          ...hosted.filter(({ parent }) => parent !== undefined),
        ],
        models: models.loaded.map(({ model }) => summary(model)),
      }
    })
    // A wildcard, because ids may contain slashes.
    app.get<{ Params: { '*': string } }>(`${prefix}/models/*`, async (request) => {
      const name = request.params['*']
      const upstream = models.upstream(name)
      if (upstream !== undefined) return upstreamCard(upstream)
      const cards = hostedCards(models.hostedAs(name))
      return cards.find(({ id }) => id === name) ?? cards[0] ?? models.find(name)
    })
  }
}
