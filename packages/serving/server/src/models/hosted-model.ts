/** One model of this server and where it is between unloaded and ready. Decides nothing: `model-host.ts` does. */

import type { HadalError } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { LocalModel } from './model-source.ts'

export type ModelState = 'unloaded' | 'loading' | 'ready' | 'unloading' | 'failed'

export class HostedModel {
  readonly source: LocalModel
  state: ModelState = 'unloaded'
  engine: Engine | undefined
  /** As estimated; once loaded, as the engine says. */
  bytes = 0
  /** Requests that use it, and those that wait for it. */
  uses = 0
  waiting = 0
  lastUsedAt = 0
  loadMillis: number | undefined
  /** Gets no new requests until it has made room for others, or until it is unloaded because somebody said so. */
  barred: 'room' | 'unload' | undefined
  /** Why it could not be loaded, and when that may be tried again. */
  failure: { readonly error: HadalError; readonly retryAt: number; readonly times: number } | undefined
  /** The load or unload that is under way. */
  change: Promise<void> | undefined
  /** Aborted when it is served no longer: who waits for it looks for another. */
  readonly removed: AbortController = new AbortController()

  constructor(source: LocalModel) {
    this.source = source
  }

  /** Undefined: nobody has said, and its engine is not ready. */
  get id(): string | undefined {
    return this.source.id ?? (this.state === 'ready' ? this.engine?.model.id : undefined)
  }

  /** The engine that may be asked now. */
  get open(): Engine | undefined {
    return this.state === 'ready' && this.engine?.snapshot().state !== 'closed' ? this.engine : undefined
  }

  /** Of those it has, or will have as soon as it can: one that is loaded is not unloaded before they had it. */
  get claims(): number {
    return this.uses + (this.barred === undefined ? this.waiting : 0) + (this.state === 'ready' ? 0 : 1)
  }

  /** Takes memory, or is about to. */
  get resides(): boolean {
    return this.state === 'loading' || this.state === 'ready' || this.state === 'unloading'
  }

  /** Its engine was somebody else's, and is no more. */
  get isGone(): boolean {
    return (
      this.source.isGiven === true &&
      (this.state === 'failed' || (this.state === 'ready' && this.open === undefined))
    )
  }

  /** `loading` also while it waits for room. */
  get status(): ModelState {
    return this.change !== undefined && this.state !== 'unloading' ? 'loading' : this.state
  }

  answersTo(name: string): boolean {
    const { aliases = [], adapterIds = [] } = this.source
    return this.id === name || aliases.includes(name) || adapterIds.includes(name) || this.hasAdapter(name)
  }

  /** Of the loaded model. */
  hasAdapter(name: string): boolean {
    return this.open?.adapters.some(({ id }) => id === name) === true
  }
}
