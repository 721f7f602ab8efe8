/** What is held at once, and the most that was. Knows nothing about tensors. */

/** Memory with a count of those who hold it; given back when nobody does. */
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

  /** New memory, held once. */
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

  /** What `body` needs beside what is held. */
  briefly(bytes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.bytes + bytes)
  }

  /** From here on the peak is a new one. */
  forgetPeak(): void {
    this.#peakBytes = this.bytes
  }
}
