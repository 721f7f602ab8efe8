/** The server's models: local, remote, and their metrics. */

import type { Clock, Logger } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'
import { ModelDirectory } from '../model-directory.ts'
import { type ModelChange, ModelHost } from './model-host.ts'
import type { LocalModel, ModelSource, UpstreamModel } from './model-source.ts'
import type { Room } from './plan-room.ts'

export interface ServedModelsOptions {
  readonly room: Room
  readonly anyName: boolean
  readonly telemetry: Telemetry
  readonly logger: Logger
  readonly clock: Clock
  /** Called for each ready engine; the returned handles are disposed with it. */
  readonly onReady: (engine: Engine) => readonly Disposable[]
}

export class ServedModels implements AsyncDisposable {
  readonly directory: ModelDirectory
  readonly #telemetry: Telemetry
  readonly #watches = new Map<UpstreamModel, Disposable>()

  constructor(sources: readonly ModelSource[], options: ServedModelsOptions) {
    const { room, anyName, telemetry, logger, clock, onReady } = options
    this.#telemetry = telemetry
    const host = new ModelHost(sources.filter(isLocal), {
      room,
      clock,
      logger,
      onReady: (engine) => [...watchEngine(engine, telemetry, logger), ...onReady(engine)],
      onChange: (change) => report(change, telemetry, logger),
    })
    this.directory = new ModelDirectory(host, { anyName })
    this.#announce(sources)
    this.#serveElsewhere(sources)
  }

  /** Replaces the models: identical objects are kept, removed ones are drained. Resolves when those are gone. */
  async replace(sources: readonly ModelSource[]): Promise<void> {
    const { host } = this.directory
    const before = host.models
    const kept = new Set<ModelSource>(sources)
    for (const source of sources.filter(isLocal))
      if (!before.some((model) => model.source === source)) host.add(source)
    this.#announce(sources)
    this.#serveElsewhere(sources)
    const gone = before.filter(({ source }) => !kept.has(source))
    await Promise.all(gone.map((model) => host.remove(model)))
    const ids = new Set(sources.map(({ id }) => id))
    for (const { source } of gone)
      if (source.id !== undefined && !ids.has(source.id)) this.#telemetry.modelRemoved(source.id)
  }

  /** Registers metrics before the model is loaded. */
  #announce(sources: readonly ModelSource[]): void {
    for (const source of sources)
      if (isLocal(source) && source.id !== undefined) this.#telemetry.modelServed(source.id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]()
    await this.directory.host[Symbol.asyncDispose]()
  }

  #serveElsewhere(sources: readonly ModelSource[]): void {
    const upstreams = sources.filter((source) => source.kind === 'upstream')
    this.directory.upstreams = upstreams
    for (const [model, watch] of this.#watches) {
      if (upstreams.includes(model)) continue
      watch[Symbol.dispose]()
      this.#watches.delete(model)
    }
    for (const model of upstreams)
      if (!this.#watches.has(model))
        this.#watches.set(
          model,
          this.#telemetry.watchUpstream(model.id, () => model.upstream.snapshot()),
        )
  }
}

const isLocal = (source: ModelSource): source is LocalModel => source.kind === 'local'

function report(change: ModelChange, telemetry: Telemetry, logger: Logger): void {
  const { kind, model } = change
  if (kind === 'loaded') telemetry.modelLoaded(model, change.millis)
  if (kind === 'unloaded') {
    telemetry.modelUnloaded(model, change.reason)
    logger.info('a model was unloaded', { model, reason: change.reason })
  }
}

function watchEngine(engine: Engine, telemetry: Telemetry, logger: Logger): Disposable[] {
  const { id, chatTemplate, can } = engine.model
  if (can.generate && chatTemplate === undefined)
    logger.warn(`${id} has no chat template; chats are written as ChatML`)
  return [
    telemetry.watchEngine(id, () => engine.snapshot()),
    engine.onStep((step) => telemetry.step(id, step)),
  ]
}
