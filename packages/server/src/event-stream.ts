/**
 * Server-sent events on their way out, at the reader's pace. At most Node's write buffer is kept for a slow reader: when
 * it is full, `write` asks to wait, and so does the generation's consumer; a reader that takes nothing for `stallMillis` is given up.
 * Knows nothing of what the events mean.
 */

import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Clock } from '@hadal/base'
import { readerStalled } from './errors.ts'

export class EventStream {
  readonly #response: ServerResponse
  readonly #stallMillis: number
  readonly #clock: Clock

  constructor(response: ServerResponse, stallMillis: number, clock: Clock) {
    this.#response = response
    this.#stallMillis = stallMillis
    this.#clock = clock
  }

  get opened(): boolean {
    return this.#response.headersSent
  }

  open(headers: OutgoingHttpHeaders): void {
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // Tells nginx not to collect the events.
      'x-accel-buffering': 'no',
    })
  }

  /**
   * Undefined when there is room for more, or nobody left to write to; else it resolves when that is so, or rejects with
   * `reader_stalled`.
   */
  write(events: string): Promise<void> | undefined {
    if (events === '' || this.#response.destroyed) return undefined
    return this.#response.write(events) ? undefined : this.#within('drain')
  }

  /** For the reader who has read all there is; others have something to read. */
  hint(event: string): void {
    if (!this.#response.destroyed && this.#response.writableLength === 0) this.#response.write(event)
  }

  /** Resolves when everything has left this process. Throws `reader_stalled`. */
  async end(events: string): Promise<void> {
    if (this.#response.destroyed) return
    this.#response.end(events)
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
