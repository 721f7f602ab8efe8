/**
 * The server's models by name: local ones with their adapters, and remote ones. A model that is not loaded must be held before `find`
 * returns it.
 */

import { type Engine, engineClosed } from '@hadal/engine'
import { adapterModel } from './adapter-model.ts'
import { modelElsewhere, modelLoading, modelNotFound } from './errors.ts'
import type { HostedModel } from './models/hosted-model.ts'
import type { Lease, ModelHost } from './models/model-host.ts'
import { takesRequests, type UpstreamModel } from './models/model-source.ts'
import { waitFor } from './models/wait-for.ts'

export class ModelDirectory {
  readonly host: ModelHost
  /** With a single model, any name selects it. */
  anyName: boolean
  upstreams: readonly UpstreamModel[] = []

  constructor(host: ModelHost, { anyName }: { readonly anyName: boolean }) {
    this.host = host
    this.anyName = anyName
  }

  /** All local models, loaded or not. */
  get hosted(): readonly HostedModel[] {
    return this.host.models.filter((model) => !model.isGone)
  }

  /** The loaded models. */
  get loaded(): readonly Engine[] {
    return this.hosted.flatMap(({ open }) => open ?? [])
  }

  /** The loaded models and each of their adapters. */
  get adapterModels(): readonly Engine[] {
    return this.loaded.flatMap((engine) => engine.adapters.map(({ id }) => adapterModel(engine, id)))
  }

  /**
   * Finds a loaded model. No name selects the only model; an adapter's name selects its model with it. Throws `model_loading`,
   * `model_elsewhere`, `model_not_found`, and `engine_closed` when no engine is left.
   */
  find(name: string | undefined): Engine {
    if (this.upstream(name) !== undefined) throw modelElsewhere(name ?? this.upstreams[0]!.id)
    const model = this.#hostedAs(name)
    if (model === undefined) throw this.#unknown(name)
    const engine = model.open
    if (engine === undefined) throw modelLoading()
    return name !== undefined && name !== engine.model.id && model.hasAdapter(name)
      ? adapterModel(engine, name)
      : engine
  }

  /** Like `find`, for remote models; undefined if the name matches none. */
  upstream(name: string | undefined): UpstreamModel | undefined {
    const named = this.upstreams.find(
      ({ id, aliases = [] }) => name !== undefined && (id === name || aliases.includes(name)),
    )
    if (named !== undefined || this.hosted.length > 0 || this.upstreams.length !== 1) return named
    return name === undefined || this.anyName ? this.upstreams[0] : undefined
  }

  /** Waits until the model is loaded and keeps it loaded while the lease is held. Throws what `find` and loading throw. */
  async hold(name: string | undefined, signal?: AbortSignal): Promise<Lease> {
    for (;;) {
      if (this.upstream(name) !== undefined) throw modelElsewhere(name ?? this.upstreams[0]!.id)
      const model = this.#hostedAs(name)
      if (model !== undefined) {
        const lease = await this.host.hold(model, signal)
        if (lease !== undefined) return lease
        continue
      }
      const unnamed = this.hosted.filter(({ id, change }) => id === undefined && change !== undefined)
      if (unnamed.length === 0) throw this.#unknown(name)
      await waitFor(Promise.race(unnamed.map(({ change }) => change!.catch(() => {}))), signal)
    }
  }

  /** Like `find`, without the adapter; undefined if `find` would throw. */
  atHand(name: string | undefined): Engine | undefined {
    return this.#hostedAs(name)?.open
  }

  /** Resolves a name to a model id; unknown names are returned unchanged. */
  called(name: string | undefined): string {
    return this.upstream(name)?.id ?? this.#hostedAs(name)?.id ?? name ?? ''
  }

  /** The models to try for this name, in order. */
  chain(name: string | undefined): readonly (string | undefined)[] {
    const source = this.upstream(name) ?? this.#hostedAs(name)?.source
    return [name, ...(source?.fallbacks ?? [])]
  }

  /** Throws `model_not_found`. */
  hostedAs(name: string): HostedModel {
    const model = this.#hostedAs(name)
    if (model === undefined) throw this.#unknown(name)
    return model
  }

  /** True if all preloaded models, or the named one, are ready. */
  ready(name?: string): boolean {
    const upstream = name === undefined ? undefined : this.upstream(name)
    if (upstream !== undefined) return takesRequests(upstream)
    if (name !== undefined) return this.#hostedAs(name)?.open?.snapshot().state === 'ready'
    const needed = this.host.models.filter(({ source }) => source.loadAtStart === true)
    const isThere = ({ open }: HostedModel): boolean => open?.snapshot().state === 'ready'
    return needed.every(isThere) && (needed.length > 0 || this.#someoneAnswers)
  }

  /** True once the preloaded models have been loaded. */
  get started(): boolean {
    return this.host.models.every(
      ({ source, status, engine }) =>
        source.loadAtStart !== true || (status !== 'loading' && engine?.snapshot().state !== 'starting'),
    )
  }

  /** A server with only upstreams is ready when one of them accepts requests; requests wake sleeping ones. */
  get #someoneAnswers(): boolean {
    const { upstreams } = this
    return this.hosted.length > 0 || upstreams.length === 0 || upstreams.some(takesRequests)
  }

  #hostedAs(name: string | undefined): HostedModel | undefined {
    const { hosted } = this
    const named = name === undefined ? undefined : hosted.find((model) => model.answersTo(name))
    const only = this.host.models.length + this.upstreams.length === 1 ? hosted[0] : undefined
    return named ?? (name === undefined || this.anyName ? only : undefined)
  }

  #unknown(name: string | undefined): Error {
    const { hosted, upstreams } = this
    if (hosted.length + upstreams.length === 0) return engineClosed('closed')
    if (hosted.some(({ id, change }) => id === undefined && change !== undefined)) return modelLoading()
    const adapters = this.adapterModels.map(({ model }) => model.id)
    const served = [...hosted, ...upstreams].flatMap(({ id }) => id ?? [])
    return modelNotFound(name, [...served, ...adapters]).with({ param: 'model' })
  }
}
