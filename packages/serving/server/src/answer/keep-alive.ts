/** Sends keep-alives on an idle connection, because proxies and clients time out silent ones. */

import type { Clock } from '@hadal/base'

/** A constant reason: without one, every abort would create an error with a stack. */
const over = 'the answer is over'

export class KeepAlive implements Disposable {
  readonly #clock: Clock
  readonly #millis: number
  readonly #speak: () => void
  readonly #stopped = new AbortController()
  #lastAt: number

  /** Calls `speak` whenever the connection was idle for `millis`. */
  constructor(clock: Clock, millis: number, speak: () => void) {
    this.#clock = clock
    this.#millis = millis
    this.#speak = speak
    this.#lastAt = clock.now()
    this.#listen().catch(() => {})
  }

  /** Resets the idle timer. */
  heard(): void {
    this.#lastAt = this.#clock.now()
  }

  [Symbol.dispose](): void {
    this.#stopped.abort(over)
  }

  async #listen(): Promise<void> {
    for (;;) {
      const silentFor = this.#clock.now() - this.#lastAt
      if (silentFor >= this.#millis) {
        this.#speak()
        this.heard()
      } else await this.#clock.sleep(this.#millis - silentFor, this.#stopped.signal)
    }
  }
}
