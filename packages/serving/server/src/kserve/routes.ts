/** Routes of KServe's Open Inference Protocol v2, and the Triton extensions its clients use. */

import { inferenceOff, type ModelInfo, type TensorModel } from '@hadal/engine'
import { parse, type RepositoryEntry, repositoryIndexSchema } from '@hadal/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readBody } from '../http/request-body.ts'
import type { HostedModel } from '../models/hosted-model.ts'
import { takesRequests } from '../models/model-source.ts'
import type { RouteContext } from '../route-context.ts'
import { kserveErrors, modelVersionUnknown, notReady } from './errors.ts'
import { type InferPayload, inferPayload } from './infer-payload.ts'
import { type InferContext, infer } from './infer-route.ts'
import { modelConfiguration, modelMetadata, servedVersion } from './model-facts.ts'

export interface KserveContext extends InferContext, Pick<RouteContext, 'finding'> {
  /** Version of this server. */
  readonly version: string
}

/** Extension names as Triton spells them. */
const extensions: readonly string[] = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'model_repository',
  'parameters',
  'schedule_policy',
  'statistics',
]

interface Named {
  readonly Params: { readonly model: string; readonly version?: string }
}

const config = { errors: kserveErrors }

/** Registered in its own scope, because bodies are not plain JSON. */
export function kserveRoutes(app: FastifyInstance, context: KserveContext): void {
  const { models, finding, accepting, inFlight, gate, statistics, version } = context
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', async (request: FastifyRequest) =>
      inferPayload(await readBody(request, app.bodyLimits()), request.headers),
    )

    scope.get('/v2', { config }, async () => ({ name: 'hadal', version, extensions }))
    scope.get('/v2/health/live', { config }, async () => ({ live: true }))
    scope.get('/v2/health/ready', { config }, async () => {
      if (!models.ready() || inFlight.draining) throw notReady('the server')
      return { ready: true }
    })

    const tensorsOf = async (
      request: FastifyRequest<Named>,
      reply: FastifyReply,
    ): Promise<{
      readonly model: ModelInfo
      readonly tensors: TensorModel
      readonly maxBatchSize: number
    }> => {
      const { model: name, version: requested } = request.params
      const engine = await finding(reply, name)
      const { model } = engine
      checkVersion(model.id, requested)
      if (model.tensors === undefined) throw inferenceOff(model.id)
      return { model, tensors: model.tensors, maxBatchSize: engine.snapshot().maxBatchSize }
    }
    for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
      scope.get<Named>(path, { config }, async (request, reply) => {
        const { model, tensors } = await tensorsOf(request, reply)
        return modelMetadata(model, tensors)
      })
      scope.get<Named>(`${path}/config`, { config }, async (request, reply) => {
        const { model, tensors, maxBatchSize } = await tensorsOf(request, reply)
        return modelConfiguration(model, tensors, { maxBatchSize })
      })
      scope.get<Named>(`${path}/ready`, { config }, async (request) => {
        const { model, version: requested } = request.params
        gate?.checkModel(request, models.called(model))
        const name = models.called(model)
        // A remote model is ready if its servers are.
        const hosted = models.upstream(model) === undefined ? models.hostedAs(model) : undefined
        checkVersion(name, requested)
        if (!models.ready(model)) throw notReady(name, hosted && untilReady[hosted.status])
        return { name, ready: true }
      })
      scope.get<Named>(`${path}/stats`, { config }, async (request) => {
        const { model, version: requested } = request.params
        gate?.checkModel(request, models.called(model))
        models.hostedAs(model)
        const name = models.called(model)
        checkVersion(name, requested)
        return { model_stats: [statistics.reported(name, servedVersion)] }
      })
      scope.post<Named>(`${path}/infer`, { config }, async (request, reply) => {
        const { model, version: requested } = request.params
        checkVersion(models.called(model), requested)
        return infer(request, reply, model, context)
      })
    }
    scope.get('/v2/models/stats', { config }, async () => ({
      model_stats: models.loaded
        .filter((engine) => engine.model.tensors !== undefined)
        .map((engine) => statistics.reported(engine.model.id, servedVersion)),
    }))

    scope.post('/v2/repository/index', { config }, async (request, reply): Promise<RepositoryEntry[]> => {
      const body = (request.body as InferPayload | undefined)?.json ?? {}
      const { ready = false } = accepting(reply)(parse(repositoryIndexSchema, body))
      const entries = [
        ...models.hosted.flatMap(entryOf),
        ...models.upstreams.map((source) =>
          entry(source.id, takesRequests(source) ? 'READY' : 'UNAVAILABLE'),
        ),
      ]
      return ready ? entries.filter(({ state }) => state === 'READY') : entries
    })
    scope.post<Named>('/v2/repository/models/:model/load', { config }, async (request) => {
      const lease = await models.hold(request.params.model)
      lease[Symbol.dispose]()
      return {}
    })
    scope.post<Named>('/v2/repository/models/:model/unload', { config }, async (request) => {
      await models.host.unload(models.hostedAs(request.params.model))
      return {}
    })
  })
}

/** States that waiting cannot turn into ready. */
const untilReady: Readonly<Partial<Record<HostedModel['status'], string>>> = {
  unloaded: 'It is loaded with its first request: send one, or have an administrator load it.',
  failed: 'It could not be loaded; the server log says why, and the next request tries again.',
}

/** Throws `model_version_unknown`. */
function checkVersion(model: string, requested: string | undefined): void {
  if (requested !== undefined && requested !== servedVersion)
    throw modelVersionUnknown(model, requested, servedVersion)
}

const states = {
  ready: 'READY',
  loading: 'LOADING',
  unloading: 'UNLOADING',
  unloaded: 'UNAVAILABLE',
  failed: 'UNAVAILABLE',
} as const satisfies Record<HostedModel['status'], RepositoryEntry['state']>

function entryOf({ id, status, failure }: HostedModel): RepositoryEntry[] {
  if (id === undefined) return []
  return [entry(id, states[status], status === 'unloaded' ? 'unloaded' : failure?.error.message)]
}

const entry = (name: string, state: RepositoryEntry['state'], reason = ''): RepositoryEntry => ({
  name,
  version: servedVersion,
  state,
  reason,
})
