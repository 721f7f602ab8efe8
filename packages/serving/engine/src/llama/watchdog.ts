/**
 * Notices a process that has work and stays silent. It counts its own naps rather than the clock's time: when the whole
 * machine stood still, nobody was silent. Knows nothing of what the work is, nor of what to do about it.
 */

import type { Clock } from '@hadal/base'

const naps = 4

export class Watchdog {
  readonly #clock: Clock
  readonly #onSilence: () => void
  #watching: AbortController | undefined
  #napsInSilence = 0

  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock
    this.#onSilence = onSilence
  }

  /** Calls `onSilence` after `patienceMillis`, a quarter more at most, without `heard()`; until `rest()`. */
  watch(patienceMillis: number): void {
    if (this.#watching !== undefined) return
    this.#watching = new AbortController()
    this.#napsInSilence = 0
    void this.#nap(patienceMillis / naps, this.#watching.signal)
  }

  heard(): void {
    this.#napsInSilence = 0
  }

  rest(): void {
    this.#watching?.abort()
    this.#watching = undefined
  }

  async #nap(millis: number, ended: AbortSignal): Promise<void> {
    // The nap amid which it was last heard counts, and is not all silence.
    while (this.#napsInSilence <= naps) {
      await this.#clock.sleep(millis, ended).catch(() => {})
      if (ended.aborted) return
      this.#napsInSilence += 1
    }
    this.#watching = undefined
    this.#onSilence()
  }
}
