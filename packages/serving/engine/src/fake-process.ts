/** The simulated process of a fake engine: concurrent requests up to a limit, a bounded queue, crashes and shutdown. */

import { type Clock, onAbort } from '@hadal/base'
import type { EngineSnapshot } from './engine.ts'
import { engineClosed, engineCrashed, queueFull } from './errors.ts'

export interface FakeProcessOptions {
  readonly clock: Clock
  readonly restartMillis: number
  readonly maxBatchSize: number
  readonly maxQueue: number
}

export class FakeProcess {
  readonly #options: FakeProcessOptions
  readonly #line: (() => void)[] = []
  #state: EngineSnapshot['state'] = 'ready'
  /** Aborts when the requests in the current process are lost. */
  #life = new AbortController()
  #running = 0
  #restarts = 0

  constructor(options: FakeProcessOptions) {
    this.#options = options
  }

  get state(): EngineSnapshot['state'] {
    return this.#state
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#line.length
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Throws `engine_closed`. */
  check(): void {
    if (this.#state === 'draining' || this.#state === 'closed') throw engineClosed(this.#state)
  }

  /**
   * Resolves with a signal that aborts when the process running the request dies; call `leave` afterwards. Resolves with
   * undefined if `signal` aborts first. Throws `engine_closed` and `queue_full`.
   */
  async enter(signal: AbortSignal | undefined): Promise<AbortSignal | undefined> {
    this.check()
    if (signal?.aborted) return undefined
    const { maxBatchSize, maxQueue } = this.#options
    const mustWait = this.#running >= maxBatchSize || this.#state === 'restarting'
    if (mustWait && this.#line.length >= maxQueue) throw queueFull(maxQueue).with({ retryAfterSeconds: 1 })
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#line.splice(this.#line.indexOf(enter), 1)
        resolve(undefined)
      }
      const stopListening = signal && onAbort(signal, giveUp)
      const enter = (): void => {
        stopListening?.()
        resolve(this.#life.signal)
      }
      this.#line.push(enter)
      this.#settle()
    })
  }

  leave(): void {
    this.#running -= 1
    this.#settle()
  }

  /** The error for requests whose process died. */
  get lost(): Error {
    if (this.#state === 'closed') return engineClosed(this.#state)
    return engineCrashed('SIGKILL').with({ retryAfterSeconds: 1 })
  }

  crash(): void {
    this.#state = 'restarting'
    this.#restarts += 1
    this.#life.abort()
    this.#life = new AbortController()
    void this.#options.clock.sleep(this.#options.restartMillis).then(() => {
      if (this.#state === 'restarting') this.#state = 'ready'
      this.#settle()
    })
  }

  async drain(timeoutMillis: number): Promise<void> {
    const { clock } = this.#options
    this.#state = 'draining'
    const until = clock.now() + timeoutMillis
    while (this.#running + this.#line.length > 0 && clock.now() < until) await clock.sleep(1)
  }

  close(): void {
    this.#state = 'closed'
    this.#life.abort()
  }

  #settle(): void {
    while (
      this.#state !== 'restarting' &&
      this.#running < this.#options.maxBatchSize &&
      this.#line.length > 0
    ) {
      this.#running += 1
      this.#line.shift()!()
    }
  }
}
