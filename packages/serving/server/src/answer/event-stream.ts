/**
 * Server-sent events to one of several readers, for as long as it reads: its headers go out at once, a sign of life comes when
 * nothing else does, and a reader that does not keep up is dropped, so that it never holds up what it reads of. Knows nothing
 * of what is said.
 */

import type { Clock } from '@hadal/base'
import type { FastifyReply } from 'fastify'
import { KeepAlive } from './keep-alive.ts'

/** What waits in this process for one reader. */
const maxWaitingBytes = 1024 * 1024
const keepAliveMillis = 15_000

export interface EventStreamOptions {
  readonly clock: Clock
  /** Its first line, as a comment: what this is. */
  readonly about: string
  /** When the reader is gone, or was dropped. Once. */
  readonly onEnd: () => void
}

export class EventStream {
  readonly #raw: FastifyReply['raw']
  readonly #silence: KeepAlive
  #maxWaiting = maxWaitingBytes

  /** Takes the reply over: its route returns undefined. */
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
    // The headers go out now, not with the first event.
    raw.write(`: ${about}\n\n`)
    this.#silence = new KeepAlive(clock, keepAliveMillis, () => void raw.write(': keep-alive\n\n'))
    const end = (): void => {
      raw.off('close', end)
      this.#silence[Symbol.dispose]()
      onEnd()
    }
    raw.on('close', end)
    // A reader that went while its request was looked at has said so already.
    if (raw.destroyed) setImmediate(end)
  }

  /** One event with `data` as JSON. */
  send(event: string, data: unknown): void {
    this.sendJson(event, JSON.stringify(data))
  }

  /** As `send`, of JSON that was written before: several readers get the same. */
  sendJson(event: string, json: string): void {
    if (this.#raw.destroyed) return
    this.#silence.heard()
    this.#raw.write(textOf(event, json))
    if (this.#raw.writableLength > this.#maxWaiting) this.#raw.destroy()
  }

  /** What was before this reader came, or came in the end: it may be long, and who has not read it yet is not slow. */
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

  /** No more comes. */
  end(): void {
    this.#raw.end()
  }
}

const textOf = (event: string, json: string): string => `event: ${event}\ndata: ${json}\n\n`

/** Whether a client wants events rather than one answer. */
export const wantsEvents = ({
  headers,
}: {
  readonly headers: { readonly accept?: string | undefined }
}): boolean => /\btext\/event-stream\b/.test(headers.accept ?? '')
