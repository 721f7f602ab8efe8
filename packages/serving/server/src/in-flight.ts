/**
 * The generations being answered now. Each ends with its response: whatever still runs then is aborted, which is how a
 * client that left stops costing work. Knows nothing of what is generated.
 */

import { setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import { clientGone, serverDraining } from './errors.ts'

/** Nearly every answer ends with it, unheard: its stack would tell nothing. */
const gone = clientGone()

export class InFlight {
  #controllers = new Set<AbortController>()
  #draining = false
  #onIdle: (() => void)[] = []

  /** Aborted, with a `HadalError` as its reason, when the generation must end. Throws once draining has begun. */
  begin(response: ServerResponse): AbortSignal {
    if (this.#draining) throw serverDraining()
    const controller = new AbortController()
    // Every sequence of the generation listens.
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

  /** No new ones; resolves when those there are have ended. */
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
