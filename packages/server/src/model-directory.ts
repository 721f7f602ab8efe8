/**
 * The engines a server stands on, found by the name of their model. An engine that is still starting has no name yet;
 * one that failed to start never gets one, and does not keep the others from serving.
 */

import { type Engine, engineClosed } from '@hadal/engine'
import { modelLoading, modelNotFound } from './errors.ts'

export class ModelDirectory {
  readonly engines: readonly Engine[]
  /** Those whose model is known. */
  readonly #started = new Set<Engine>()

  constructor(engines: readonly Engine[]) {
    this.engines = engines
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
   * A request that names no model means the only one. Throws `model_loading`, `model_not_found`, and `engine_closed` when
   * no engine is left.
   */
  find(name: string | undefined): Engine {
    const { loaded } = this
    const found =
      name === undefined && this.engines.length === 1
        ? loaded[0]
        : loaded.find(({ model }) => model.id === name)
    if (found !== undefined) return found
    if (loaded.length < this.#open.length) throw modelLoading()
    if (loaded.length === 0) throw engineClosed('closed')
    const served = loaded.map(({ model }) => model.id)
    throw modelNotFound(name, served).with({ param: 'model' })
  }

  get ready(): boolean {
    return this.engines.every((engine) => engine.snapshot().state === 'ready')
  }

  get #open(): readonly Engine[] {
    return this.engines.filter((engine) => engine.snapshot().state !== 'closed')
  }
}
