/** Generations in progress. Each ends with its response: remaining work is aborted, so a client that disconnects costs nothing further. */

import { setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import { clientGone, serverDraining } from './errors.ts'

/** A shared instance: nearly every response aborts with it, unobserved, and its stack is useless. */
const gone = clientGone()

export class InFlight {
  #controllers = new Set<AbortController>()
  #draining = false
  #onIdle: (() => void)[] = []

  /** Returns a signal that aborts with a `HadalError` when the generation must end. Throws once draining has begun. */
  begin(response: ServerResponse): AbortSignal {
    if (this.#draining) throw serverDraining()
    const controller = new AbortController()
    // Every sequence of the generation adds a listener.
    setMaxListeners(0, controller.signal)
    this.#controllers.add(controller)
    const ended = (): void => {
      controller.abort(gone)
      this.#controllers.delete(controller)
      if (this.#controllers.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
    }
    if (response.destroyed) ended()
    else response.once('close', ended)
    return controller.signal
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Accepts no new generations; resolves when the running ones have ended. */
  drain(): Promise<void> {
    this.#draining = true
    return this.#controllers.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => void this.#onIdle.push(resolve))
  }

  abortAll(): void {
    for (const controller of this.#controllers) controller.abort(serverDraining())
  }
}
