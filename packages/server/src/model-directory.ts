/**
 * The engines a server stands on, found by the name of their model. An engine that is still starting has no name yet;
 * one that failed to start never gets one, and does not keep the others from serving.
 */

import { type Engine, engineClosed } from '@hadal/engine'
import { adapterModel } from './adapter-model.ts'
import { modelLoading, modelNotFound } from './errors.ts'

/** Of a server with one model. */
export interface ModelNames {
  readonly aliases?: readonly string[]
  /** What the list of models says of it; means nothing here. */
  readonly tags?: readonly string[]
  /** Every name means it. */
  readonly any?: boolean
}

export class ModelDirectory {
  readonly engines: readonly Engine[]
  /** Those whose model is known. */
  readonly #started = new Set<Engine>()

  readonly #names: ModelNames

  constructor(engines: readonly Engine[], names: ModelNames = {}) {
    this.engines = engines
    this.#names = names
    for (const engine of engines)
      engine.ready().then(
        () => this.#started.add(engine),
        () => {},
      )
  }

  /** Those that can be asked for. */
  get loaded(): readonly Engine[] {
    return this.#open.filter((engine) => this.#started.has(engine))
  }

  /**
   * A request that names no model means the only one; one that names an adapter means the model with it. Throws
   * `model_loading`, `model_not_found`, and `engine_closed` when no engine is left.
   */
  find(name: string | undefined): Engine {
    const { loaded } = this
    const found =
      loaded.find(({ model }) => model.id === name) ??
      this.#adapterModel(name) ??
      (this.engines.length === 1 && this.#meansTheOnly(name) ? loaded[0] : undefined)
    if (found !== undefined) return found
    if (loaded.length < this.#open.length) throw modelLoading()
    if (loaded.length === 0) throw engineClosed('closed')
    const served = [...loaded, ...this.adapterModels].map(({ model }) => model.id)
    throw modelNotFound(name, served).with({ param: 'model' })
  }

  #adapterModel(name: string | undefined): Engine | undefined {
    const engine = this.loaded.find(({ adapters }) => adapters.some(({ id }) => id === name))
    return engine === undefined ? undefined : adapterModel(engine, name!)
  }

  /** The loaded models with each of their adapters. */
  get adapterModels(): readonly Engine[] {
    return this.loaded.flatMap((engine) => engine.adapters.map(({ id }) => adapterModel(engine, id)))
  }

  /** What clients may call the only model beside its id. */
  get aliases(): readonly string[] {
    return this.#names.aliases ?? []
  }

  get tags(): readonly string[] {
    return this.#names.tags ?? []
  }

  get ready(): boolean {
    return this.engines.every((engine) => engine.snapshot().state === 'ready')
  }

  /** Whether it has loaded all its models once. */
  get started(): boolean {
    return this.engines.every((engine) => engine.snapshot().state !== 'starting')
  }

  #meansTheOnly(name: string | undefined): boolean {
    return name === undefined || this.#names.any === true || this.aliases.includes(name)
  }

  get #open(): readonly Engine[] {
    return this.engines.filter((engine) => engine.snapshot().state !== 'closed')
  }
}
