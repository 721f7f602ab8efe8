/** Tracks live memory and its peak. */

/** Reference-counted memory; freed with the last reference. */
export interface Storage {
  readonly bytes: number
  holders: number
}

export class Ledger {
  bytes = 0
  #peakBytes = 0

  get peakBytes(): number {
    return this.#peakBytes
  }

  /** Allocates memory with one reference. */
  take(bytes: number): Storage {
    this.bytes += bytes
    this.#peakBytes = Math.max(this.#peakBytes, this.bytes)
    return { bytes, holders: 1 }
  }

  hold(storage: Storage): Storage {
    storage.holders += 1
    return storage
  }

  drop(storage: Storage): void {
    storage.holders -= 1
    if (storage.holders === 0) this.bytes -= storage.bytes
  }

  /** Temporary memory of `body`. */
  briefly(bytes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.bytes + bytes)
  }

  /** Resets the peak. */
  forgetPeak(): void {
    this.#peakBytes = this.bytes
  }
}
