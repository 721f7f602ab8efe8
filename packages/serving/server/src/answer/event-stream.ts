/**
 * Server-sent events to one reader: sends headers at once, keep-alives when idle, and drops a reader that falls behind, so that it cannot
 * block the source.
 */

import type { Clock } from '@hadal/base'
import type { FastifyReply } from 'fastify'
import { KeepAlive } from './keep-alive.ts'

/** Maximum bytes buffered in this process per reader. */
const maxWaitingBytes = 1024 * 1024
const keepAliveMillis = 15_000

export interface EventStreamOptions {
  readonly clock: Clock
  /** First line of the stream, an SSE comment that describes it. */
  readonly about: string
  /** Called once when the reader disconnects or is dropped. */
  readonly onEnd: () => void
}

export class EventStream {
  readonly #raw: FastifyReply['raw']
  readonly #silence: KeepAlive
  #maxWaiting = maxWaitingBytes

  /** Takes over the reply: the route must return undefined. */
  constructor(reply: FastifyReply, { clock, about, onEnd }: EventStreamOptions) {
    const { raw } = reply
    this.#raw = raw
    reply.hijack()
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    // Flushes the headers before the first event.
    raw.write(`: ${about}\n\n`)
    this.#silence = new KeepAlive(clock, keepAliveMillis, () => void raw.write(': keep-alive\n\n'))
    const end = (): void => {
      raw.off('close', end)
      this.#silence[Symbol.dispose]()
      onEnd()
    }
    raw.on('close', end)
    // A reader that disconnected before this point has already emitted 'close'.
    if (raw.destroyed) setImmediate(end)
  }

  /** Sends one event with `data` as JSON. */
  send(event: string, data: unknown): void {
    this.sendJson(event, JSON.stringify(data))
  }

  /** Like `send`, with JSON serialized once for several readers. */
  sendJson(event: string, json: string): void {
    if (this.#raw.destroyed) return
    this.#silence.heard()
    this.#raw.write(textOf(event, json))
    if (this.#raw.writableLength > this.#maxWaiting) this.#raw.destroy()
  }

  /** Sends a backlog or final batch. It may be large, so it does not count towards the slow-reader limit. */
  sendAtOnce(events: readonly (readonly [event: string, data: unknown])[]): void {
    if (this.#raw.destroyed) return
    this.#silence.heard()
    const text = events.map(([event, data]) => textOf(event, JSON.stringify(data))).join('')
    if (this.#raw.write(text)) return
    this.#maxWaiting = maxWaitingBytes + this.#raw.writableLength
    this.#raw.once('drain', () => {
      this.#maxWaiting = maxWaitingBytes
    })
  }

  /** Ends the stream. */
  end(): void {
    this.#raw.end()
  }
}

const textOf = (event: string, json: string): string => `event: ${event}\ndata: ${json}\n\n`

/** True if the client accepts server-sent events. */
export const wantsEvents = ({
  headers,
}: {
  readonly headers: { readonly accept?: string | undefined }
}): boolean => /\btext\/event-stream\b/.test(headers.accept ?? '')
