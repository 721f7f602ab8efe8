/**
 * A sign of life on a connection that has been silent for a while: proxies and clients give up on those that say nothing.
 * Knows nothing of what is said.
 */

import type { Clock } from '@hadal/base'

/** Without a reason, every stop would make an error with a stack. */
const over = 'the answer is over'

export class KeepAlive implements Disposable {
  readonly #clock: Clock
  readonly #millis: number
  readonly #speak: () => void
  readonly #stopped = new AbortController()
  #lastAt: number

  /** `speak` is called whenever nothing was heard for `millis`. */
  constructor(clock: Clock, millis: number, speak: () => void) {
    this.#clock = clock
    this.#millis = millis
    this.#speak = speak
    this.#lastAt = clock.now()
    this.#listen().catch(() => {})
  }

  /** Something was said. */
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
