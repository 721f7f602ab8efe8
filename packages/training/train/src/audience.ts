/** Subscribers of a run and their pending requests (stop, save). */

import type { RunControl, TrainEvent, TrainListener } from './events.ts'

export class Audience {
  readonly #listeners: readonly TrainListener[]
  #stopReason: string | undefined
  #saveRequested = false
  readonly #warnings: string[] = []
  readonly #control: RunControl = {
    stop: (reason) => {
      this.#stopReason ??= reason
    },
    save: () => {
      this.#saveRequested = true
    },
    warn: (message) => void this.#warnings.push(message),
  }

  constructor(listeners: readonly TrainListener[]) {
    this.#listeners = listeners
  }

  async notify(event: TrainEvent): Promise<void> {
    for (const listener of this.#listeners) await listener(event, this.#control)
    for (const message of this.#warnings.splice(0)) await this.notify({ type: 'warning', message })
  }

  /** Why the run should stop: the first reason given. */
  get stopReason(): string | undefined {
    return this.#stopReason
  }

  stop(reason: string): void {
    this.#control.stop(reason)
  }

  /** Whether a checkpoint was requested since the last call. */
  takeSaveRequested(): boolean {
    const requested = this.#saveRequested
    this.#saveRequested = false
    return requested
  }
}
