/** State of one local model between unloaded and ready. Decisions are made in `model-host.ts`. */

import type { HadalError } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { LocalModel } from './model-source.ts'

export type ModelState = 'unloaded' | 'loading' | 'ready' | 'unloading' | 'failed'

export class HostedModel {
  readonly source: LocalModel
  state: ModelState = 'unloaded'
  engine: Engine | undefined
  /** Estimated; after loading, as reported by the engine. */
  bytes = 0
  /** Requests that use it or wait for it. */
  uses = 0
  waiting = 0
  lastUsedAt = 0
  loadMillis: number | undefined
  /** Accepts no new requests until it has freed memory for others, or until a requested unload is done. */
  barred: 'room' | 'unload' | undefined
  /** The load error, and when the next attempt is allowed. */
  failure: { readonly error: HadalError; readonly retryAt: number; readonly times: number } | undefined
  /** The load or unload in progress. */
  change: Promise<void> | undefined
  /** Aborted when the model is removed; waiting requests then look for another. */
  readonly removed: AbortController = new AbortController()

  constructor(source: LocalModel) {
    this.source = source
  }

  /** Undefined: not configured, and the engine is not ready. */
  get id(): string | undefined {
    return this.source.id ?? (this.state === 'ready' ? this.engine?.model.id : undefined)
  }

  /** The engine, if it accepts requests. */
  get open(): Engine | undefined {
    return this.state === 'ready' && this.engine?.snapshot().state !== 'closed' ? this.engine : undefined
  }

  /** Current and pending uses: a loaded model is not unloaded before they are served. */
  get claims(): number {
    return this.uses + (this.barred === undefined ? this.waiting : 0) + (this.state === 'ready' ? 0 : 1)
  }

  /** Occupies memory or is about to. */
  get resides(): boolean {
    return this.state === 'loading' || this.state === 'ready' || this.state === 'unloading'
  }

  /** The engine was passed in and has been closed by its owner. */
  get isGone(): boolean {
    return (
      this.source.isGiven === true &&
      (this.state === 'failed' || (this.state === 'ready' && this.open === undefined))
    )
  }

  /** `loading` includes waiting for memory. */
  get status(): ModelState {
    return this.change !== undefined && this.state !== 'unloading' ? 'loading' : this.state
  }

  answersTo(name: string): boolean {
    const { aliases = [], adapterIds = [] } = this.source
    return this.id === name || aliases.includes(name) || adapterIds.includes(name) || this.hasAdapter(name)
  }

  /** Checks the loaded model. */
  hasAdapter(name: string): boolean {
    return this.open?.adapters.some(({ id }) => id === name) === true
  }
}
