/** Subscribers of a run and their pending requests (stop, save). */

import type { RunControl, TrainEvent, TrainListener } from './events.ts'

export class Audience {
  readonly #listeners: readonly TrainListener[]
  #stopReason: string | undefined
  #saveAsked = false
  readonly #warnings: string[] = []
  readonly #control: RunControl = {
    stop: (reason) => {
      this.#stopReason ??= reason
    },
    save: () => {
      this.#saveAsked = true
    },
    warn: (message) => void this.#warnings.push(message),
  }

  constructor(listeners: readonly TrainListener[]) {
    this.#listeners = listeners
  }

  async tell(event: TrainEvent): Promise<void> {
    for (const listener of this.#listeners) await listener(event, this.#control)
    for (const message of this.#warnings.splice(0)) await this.tell({ type: 'warning', message })
  }

  /** Why the run should stop: the first reason given. */
  get stopReason(): string | undefined {
    return this.#stopReason
  }

  stop(reason: string): void {
    this.#control.stop(reason)
  }

  /** Whether a checkpoint was requested since the last call. */
  takeSaveAsked(): boolean {
    const asked = this.#saveAsked
    this.#saveAsked = false
    return asked
  }
}
