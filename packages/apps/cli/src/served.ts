/** The models of `hadal serve`, a single one or the config file's, for server and banner. */

import { formatBytes } from '@hadal/base'
import { configInvalid, type ModelEntry, type Resolved, type Service } from '@hadal/config'
import type { Engine } from '@hadal/engine'
import { say } from '@hadal/output'
import type { HadalServer, ModelSource, ServerChange, ServerOptions, UpstreamModel } from '@hadal/server'
import { describeChoices } from '@hadal/service'
import { findModels } from './find-models.ts'
import { type SourceContext, sourceOf } from './model-sources.ts'
import type { TunedEngine } from './online-tuning.ts'
import { type BannerModel, describeModel } from './serve-banner.ts'

export interface Served extends AsyncDisposable {
  readonly server: Pick<ServerOptions, 'engines' | 'models' | 'room'>
  /** Engines with adjustable limits. */
  readonly engines: readonly Engine[]
  /** Resolves when it accepts requests. Throws the reason if it never will. */
  ready(server: HadalServer): Promise<void>
  /** Endpoints and models that are ready. */
  banner(): {
    readonly models: readonly BannerModel[]
    readonly choices: readonly string[]
    readonly isBundled: boolean
  }
  /** The models after a settings change. */
  change(service: Service): Promise<Pick<ServerChange, 'models' | 'room'>>
  /** The server has applied the last change: removed models are closed once drained. */
  taken(): void
}

type ServedContext = SourceContext & { readonly settings: Resolved<Service> }

/** The single model, which begins to load at once. */
export async function oneModel(context: ServedContext): Promise<Served> {
  const { service, said, weights, terminal, signal, logger, startEngine, settings } = context
  const model = await findModels(service, terminal, signal)
  const engine = startEngine(model, said, logger, weights)
  const tuned = service.tuneOnline ? await watchAndTune(engine, context) : undefined
  return {
    server: { engines: [tuned?.engine ?? engine] },
    engines: [engine],
    ready: () => engine.ready(),
    banner: () => ({
      models: [describeModel(engine.model, model.reason)],
      choices: describeChoices(settings, engine.choices),
      isBundled: model.isBundled,
    }),
    async change({ models }) {
      if (models.length > 0)
        throw configInvalid([
          'models: this service was started with a single model; start it again to have several',
        ])
      return {}
    },
    taken() {},
    async [Symbol.asyncDispose]() {
      tuned?.[Symbol.dispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Models of the config file, loaded by the server. */
export async function severalModels(context: ServedContext): Promise<Served> {
  const { settings, logger } = context
  const ended = new AbortController()
  const signal = AbortSignal.any([context.signal, ended.signal])
  /** Sources of current and pending entries, by content. */
  const made = new Map<string, ModelSource>()
  /** Served no longer, and still answering. */
  const leaving = new Set<UpstreamModel>()
  let latest: readonly ModelSource[] = []
  /** Unchanged entries keep their source. */
  const sourcesFor = async (service: Service): Promise<readonly ModelSource[]> => {
    const sources: ModelSource[] = []
    for (const entry of service.models) {
      const said = JSON.stringify(entry)
      const source = made.get(said) ?? (await sourceOf(entry, { ...context, signal, service }))
      made.set(said, source)
      sources.push(source)
    }
    latest = sources
    return sources
  }
  const leave = async (model: UpstreamModel): Promise<void> => {
    leaving.add(model)
    await model.upstream.drain()
    await model.upstream[Symbol.asyncDispose]()
    leaving.delete(model)
  }
  const room = ({ memoryBudgetBytes, maxModels }: Service): ServerOptions['room'] & object => ({
    budgetBytes: memoryBudgetBytes,
    maxModels,
  })
  const close = async (): Promise<void> => {
    ended.abort('the service has ended')
    const upstreams = [...made.values(), ...leaving].filter((source) => source.kind === 'upstream')
    await Promise.all(upstreams.map(({ upstream }) => upstream[Symbol.asyncDispose]()))
  }
  const atStart = await sourcesFor(context.service).catch(async (error: unknown) => {
    await close()
    throw error
  })
  let models = context.service.models
  return {
    server: { models: atStart, room: room(context.service) },
    engines: [],
    ready: (server) => server.loaded(),
    banner: () => ({
      models: models.map(bannerModel),
      choices: describeChoices(settings, []).filter((choice) => !choice.startsWith('models:')),
      isBundled: false,
    }),
    async change(service) {
      if (service.models.length === 0)
        throw configInvalid([
          'models: this service was started with several; start it again to have a single one',
        ])
      models = service.models
      return { models: await sourcesFor(service), room: room(service) }
    },
    taken() {
      for (const [said, source] of made) {
        if (latest.includes(source)) continue
        made.delete(said)
        if (source.kind !== 'upstream') continue
        leave(source).catch((error: unknown) =>
          logger.error('an upstream that is gone did not end well', { model: source.id, error }),
        )
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

function bannerModel(entry: ModelEntry): BannerModel {
  if ('upstream' in entry) {
    const { replicas = [], discover } = entry.upstream
    const where = discover === undefined ? replicas : [JSON.stringify(discover)]
    return { id: entry.id, facts: [say`on upstream servers`], source: where.join(', ') }
  }
  const { pinned = false, loadAtStart = pinned, kvCacheBytes } = entry
  return {
    id: entry.id,
    facts: [
      loadAtStart ? say`loaded` : say`loaded on demand`,
      ...(pinned ? [say`pinned`] : []),
      ...(kvCacheBytes === undefined ? [] : [say`${formatBytes(kvCacheBytes)} KV cache`]),
    ],
    source: entry.model,
  }
}

/** Used if the config has no SLO. */
const defaultTtftMillis = 500

async function watchAndTune(
  engine: Engine,
  { service, logger }: SourceContext,
): Promise<TunedEngine | undefined> {
  const { tuneOnline } = await import('./online-tuning.ts')
  const ttftMillis = service.sloTtftMillis ?? defaultTtftMillis
  const tuned = tuneOnline(engine, { slo: { ttftMillis, itlMillis: service.sloItlMillis }, logger })
  if (tuned === undefined) logger.warn('tuneOnline: the limits of this engine cannot change')
  return tuned
}
