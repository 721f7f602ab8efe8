/** The engines a server stands on, found by the name of their model. An engine that is still starting has no name yet. */

import type { Engine } from '@hadal/engine'
import { modelLoading, modelNotServed } from './errors.ts'

export class ModelDirectory {
  readonly engines: readonly Engine[]

  constructor(engines: readonly Engine[]) {
    this.engines = engines
  }

  /** Those whose model is known. */
  get loaded(): readonly Engine[] {
    return this.engines.filter((engine) => engine.snapshot().state !== 'starting')
  }

  /** A request that names no model means the only one. */
  find(name: string | undefined): Engine {
    const { loaded } = this
    const found =
      name === undefined && this.engines.length === 1
        ? loaded[0]
        : loaded.find(({ model }) => model.id === name)
    if (found !== undefined) return found
    if (loaded.length < this.engines.length) throw modelLoading()
    const served = loaded.map(({ model }) => model.id)
    throw modelNotServed(name, served).with({ param: 'model' })
  }

  get ready(): boolean {
    return this.engines.every((engine) => engine.snapshot().state === 'ready')
  }
}
