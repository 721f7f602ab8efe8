/**
 * A response sent in pieces at the reader's pace. Buffers at most Node's write buffer per reader: when it is full, `write` returns a
 * promise to await, which also pauses the generation's consumer. A reader that takes nothing for `stallMillis` is dropped.
 */

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Clock } from '@hadal/base'
import { readerStalled } from '../errors.ts'

export class AnswerStream {
  readonly #response: ServerResponse
  readonly #stallMillis: number
  readonly #clock: Clock

  constructor(response: ServerResponse, stallMillis: number, clock: Clock) {
    this.#response = response
    this.#stallMillis = stallMillis
    this.#clock = clock
  }

  /**
   * Returns undefined if there is room or the client has disconnected; otherwise a promise that resolves when that is so, or rejects with
   * `reader_stalled`.
   */
  write(piece: string | Uint8Array): Promise<void> | undefined {
    if (piece.length === 0 || this.#response.destroyed) return undefined
    return this.#response.write(piece) ? undefined : this.#within('drain')
  }

  /** Resolves when everything is flushed. Throws `reader_stalled`. */
  async end(piece: string): Promise<void> {
    if (this.#response.destroyed) return
    this.#response.end(piece)
    if (!this.#response.writableFinished) await this.#within('finish')
  }

  async #within(event: 'drain' | 'finish'): Promise<void> {
    const waiting = new AbortController()
    const { signal } = waiting
    const stalled = this.#clock.sleep(this.#stallMillis, signal).then(() => {
      throw readerStalled(this.#stallMillis)
    })
    try {
      await Promise.race([
        once(this.#response, event, { signal }),
        once(this.#response, 'close', { signal }),
        stalled,
      ])
    } finally {
      waiting.abort('no longer waiting')
    }
  }
}
