/**
 * Requests to embed and to rank: a waiting line of their own in front of the engine process, and who waits for what. Those
 * that were in a process that died fail; those in line wait for the next. Knows nothing of texts and vectors.
 */

import { HadalError } from '@hadal/base'
import { AdmissionQueue, ServiceRate } from '@hadal/batching'
import { queueFull } from '../errors.ts'
import type { EngineProcess } from './engine-process.ts'
import type { PooledResult, PooledWork } from './messages.ts'
import { onAbort } from './on-abort.ts'

export type AskedPooled = PooledWork extends infer W ? (W extends PooledWork ? Omit<W, 'key'> : never) : never
type Done = Exclude<PooledResult, { readonly error: unknown }>
export type ResultOf<Asked extends AskedPooled> = Asked extends { readonly kind: 'embed' }
  ? Extract<Done, { readonly vectors: unknown }>
  : Extract<Done, { readonly scores: unknown }>

interface Pending {
  readonly work: PooledWork
  /** In the process since then. */
  sentAt: number | undefined
  settle(result: Done | Error): void
}

export class PooledDesk {
  /** Requests in the process at the same time. */
  readonly #places: number
  readonly #queue: AdmissionQueue<Pending>
  readonly #rate = new ServiceRate()
  readonly #running = new Map<number, Pending>()
  #nextKey = 1
  /** One was cancelled in the process, which has said nothing since. */
  #cancelUnheard = false

  constructor(places: number, maxQueue: number) {
    this.#places = places
    this.#queue = new AdmissionQueue(maxQueue)
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Whether the process has to say something. */
  get isOwed(): boolean {
    return this.#running.size > 0 || this.#cancelUnheard
  }

  /** The process has said anything. */
  heard(): void {
    this.#cancelUnheard = false
  }

  /**
   * `process` is undefined while there is none. Throws `queue_full` at once, else what the process says, what it died of, or
   * the reason of the signal.
   */
  async run<Asked extends AskedPooled>(
    asked: Asked,
    process: () => EngineProcess | undefined,
    now: () => number,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Asked>> {
    signal?.throwIfAborted()
    const work = { ...asked, key: this.#nextKey } as PooledWork
    this.#nextKey += 1
    let stopListening = (): void => {}
    try {
      return (await new Promise<Done>((resolve, reject) => {
        const settle = (result: Done | Error): void =>
          result instanceof Error ? reject(result) : resolve(result)
        const pending: Pending = { work, sentAt: undefined, settle }
        const free = process() === undefined ? 0 : this.#places - this.#running.size
        if (!this.#queue.offer(pending, now(), free)) throw this.#full(now())
        const leave = (): void => {
          this.#cancel(pending, process())
          reject(signal!.reason as Error)
          this.dispatch(process(), now())
        }
        if (signal !== undefined) stopListening = onAbort(signal, leave)
        this.dispatch(process(), now())
      })) as ResultOf<Asked>
    } finally {
      stopListening()
    }
  }

  /** As many as have a place go to the process. */
  dispatch(process: EngineProcess | undefined, now: number): void {
    while (process !== undefined && this.#running.size < this.#places) {
      const pending = this.#queue.take()?.item
      if (pending === undefined) return
      pending.sentAt = now
      this.#running.set(pending.work.key, pending)
      process.startPooled(pending.work)
    }
  }

  /** One that was cancelled may still have had a pass under way. */
  receive(results: readonly PooledResult[], now: number): void {
    for (const result of results) {
      const pending = this.#running.get(result.key)
      if (pending === undefined) continue
      this.#running.delete(result.key)
      if ('error' in result) pending.settle(HadalError.revive(result.error))
      else {
        this.#rate.record(now - pending.sentAt!)
        pending.settle(result)
      }
    }
  }

  /** The process died under those in it. */
  failRunning(error: () => HadalError): void {
    for (const pending of this.#running.values()) pending.settle(error())
    this.#running.clear()
    this.#cancelUnheard = false
  }

  /** No process will come soon, or ever. */
  failWaiting(error: HadalError): void {
    for (const pending of this.#queue.clear()) pending.settle(error)
  }

  #cancel(pending: Pending, process: EngineProcess | undefined): void {
    if (this.#running.delete(pending.work.key)) {
      process?.cancelPooled(pending.work.key)
      this.#cancelUnheard = process !== undefined
    } else this.#queue.remove(pending)
  }

  #full(now: number): HadalError {
    const [longest] = this.#running.values()
    const retryAfterSeconds = this.#rate.retryAfterSeconds(
      this.#queue.size,
      this.#places,
      now - (longest?.sentAt ?? now),
    )
    return queueFull(this.#queue.maxQueue).with({ retryAfterSeconds })
  }
}
