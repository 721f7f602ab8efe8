/**
 * Detects a process that has work and stays silent. It counts its own sleeps rather than clock time, so that a suspended
 * machine is not mistaken for silence.
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

  /** Calls `onSilence` after `patienceMillis` (at most a quarter longer) without `heard()`; until `rest()`. */
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
    // The sleep during which the last message arrived counts, but is not entirely silent.
    while (this.#napsInSilence <= naps) {
      await this.#clock.sleep(millis, ended).catch(() => {})
      if (ended.aborted) return
      this.#napsInSilence += 1
    }
    this.#watching = undefined
    this.#onSilence()
  }
}
