/**
 * The bytes of a response, forwarded as fast as the client reads. Detects a stalled upstream, and reports once how it ended.
 * Unread data stays in the socket, so a slow reader costs no memory.
 */

import { type Clock, type HadalError, onAbort } from '@hadal/base'
import { type Bytes, reasonOf } from './attempt.ts'
import { upstreamInterrupted } from './errors.ts'
import type { RelayUsage } from './upstream.ts'
import type { AnswerScanner } from './wire/answer-scanner.ts'

export interface AnswerBodyOptions {
  readonly id: string
  readonly clock: Clock
  readonly first: Uint8Array | undefined
  readonly rest: Bytes
  readonly scanner: AnswerScanner
  readonly idleTimeoutMillis: number
  readonly signal: AbortSignal
  /** `left`: the client disconnected. */
  readonly onEnd: (how: 'served' | 'cut' | 'left', usage: RelayUsage | undefined) => void
}

const over = 'the answer is over'
const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

export class AnswerBody implements AsyncIterableIterator<Uint8Array> {
  readonly usage: Promise<RelayUsage | undefined>
  readonly #options: AnswerBodyOptions
  readonly #reportUsage: (usage: RelayUsage | undefined) => void
  readonly #callOff: () => void
  readonly #watch = new AbortController()
  #first: Uint8Array | undefined
  #isOver = false
  #error: HadalError | undefined
  /** Since when the next bytes are awaited; the time of a slow reader does not count against the upstream. */
  #waitingSince: number | undefined
  #isIdle = false

  constructor(options: AnswerBodyOptions) {
    this.#options = options
    this.#first = options.first
    let notify: (usage: RelayUsage | undefined) => void = () => {}
    this.usage = new Promise((resolve) => {
      notify = resolve
    })
    this.#reportUsage = (usage) => notify(usage)
    this.#callOff = onAbort(options.signal, () => this.#end('left'))
    if (options.signal.aborted) this.#end('left')
    this.#watchIdleness().catch(() => {})
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = await this.#read()
      const passed = chunk === undefined ? this.#finish() : this.#options.scanner.push(chunk)
      if (passed === undefined) return ended
      if (passed.length > 0) return { done: false, value: passed }
    }
  }

  /** The client stops reading. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#end('left')
    return ended
  }

  /** Undefined at the end. */
  async #read(): Promise<Uint8Array | undefined> {
    const { signal, rest, clock, id, idleTimeoutMillis } = this.#options
    signal.throwIfAborted()
    if (this.#error !== undefined) throw this.#error
    if (this.#isOver) return undefined
    const first = this.#first
    if (first !== undefined) {
      this.#first = undefined
      return first
    }
    try {
      this.#waitingSince = clock.now()
      const { done, value } = await rest.next()
      return done === true ? undefined : value
    } catch (thrown) {
      signal.throwIfAborted()
      if (this.#isOver) return undefined
      const why = this.#isIdle ? `no byte came for ${idleTimeoutMillis} ms` : reasonOf(thrown)
      this.#error = upstreamInterrupted(id, why)
      this.#end('cut')
      throw this.#error
    } finally {
      this.#waitingSince = undefined
    }
  }

  #finish(): Uint8Array | undefined {
    if (this.#isOver) return undefined
    const held = this.#options.scanner.end()
    this.#end('served')
    return held
  }

  #end(how: 'served' | 'cut' | 'left'): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#callOff()
    this.#watch.abort(over)
    if (how !== 'served') this.#options.rest.end()
    const usage = this.#options.scanner.usage()
    this.#options.onEnd(how, usage)
    this.#reportUsage(usage)
  }

  async #watchIdleness(): Promise<void> {
    const { clock, idleTimeoutMillis, rest } = this.#options
    for (;;) {
      const idleFor = this.#waitingSince === undefined ? 0 : clock.now() - this.#waitingSince
      if (idleFor >= idleTimeoutMillis) {
        this.#isIdle = true
        rest.end()
        return
      }
      await clock.sleep(idleTimeoutMillis - idleFor, this.#watch.signal)
      // If this process was busy, check the sockets first: bytes may have arrived.
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#isOver) return
    }
  }
}
