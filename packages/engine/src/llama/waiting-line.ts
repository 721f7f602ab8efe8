/**
 * The line in front of the engine process: so many are in it at a time, so many more may wait, and while it is idle the first
 * may wait a little for company. Says when to come back to who is turned away. Knows nothing of what they want.
 */

import type { Clock, HadalError } from '@hadal/base'
import { AdmissionQueue, firstPassDelay, ServiceRate } from '@hadal/batching'
import { queueFull } from '../errors.ts'
import type { ResolvedOptions } from './options.ts'

export interface WaitingLineOptions<Item>
  extends Pick<ResolvedOptions, 'maxBatchSize' | 'maxQueue' | 'timeoutMicros'> {
  readonly clock: Clock
  /** Whether there is a process. */
  readonly isOpen: () => boolean
  /** Hands it to the process. */
  readonly send: (item: Item, now: number) => void
  /** Somebody came, went to the process, or left. */
  readonly onChange: () => void
}

export class WaitingLine<Item> {
  readonly #options: WaitingLineOptions<Item>
  readonly #queue: AdmissionQueue<Item>
  readonly #rate = new ServiceRate()
  /** In the process, since then. */
  readonly #running = new Map<Item, number>()
  /** Of the wait for company. */
  #company: AbortController | undefined

  constructor(options: WaitingLineOptions<Item>) {
    this.#options = options
    this.#queue = new AdmissionQueue(options.maxQueue)
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Who is in the process. */
  get inProcess(): Iterable<Item> {
    return this.#running.keys()
  }

  /** `queue_full` when there is no room; else it goes on to the process as soon as it can. */
  enter(item: Item): HadalError | undefined {
    const now = this.#options.clock.now()
    if (!this.#queue.offer(item, now, this.#freePlaces())) return this.#full(now)
    this.dispatch()
    return undefined
  }

  /** As many as have a place go to the process, unless it is worth waiting for company. */
  dispatch(): void {
    const now = this.#options.clock.now()
    const delay = this.#delay(now)
    if (delay === 0) this.#sendAll(now)
    else if (this.#company === undefined) void this.#dispatchAfter(delay)
    this.#options.onChange()
  }

  /** The process has done what it wanted. */
  served(item: Item): void {
    const sentAt = this.#running.get(item)
    if (sentAt !== undefined) this.#rate.record(this.#options.clock.now() - sentAt)
    this.#running.delete(item)
  }

  /** Wants nothing any more; where it was. */
  leave(item: Item): 'process' | 'line' | undefined {
    if (this.#running.delete(item)) return 'process'
    return this.#queue.remove(item) ? 'line' : undefined
  }

  /** Who was in a process that died. */
  takeRunning(): Item[] {
    const items = [...this.#running.keys()]
    this.#running.clear()
    return items
  }

  takeWaiting(isMeant?: (item: Item) => boolean): Item[] {
    const items = this.#queue.clear(isMeant)
    if (this.#queue.size === 0) this.#endWaitForCompany()
    return items
  }

  #freePlaces(): number {
    return this.#options.isOpen() ? this.#options.maxBatchSize - this.#running.size : 0
  }

  /** Milliseconds. */
  #delay(now: number): number {
    const oldest = this.#queue.peek()
    if (oldest === undefined) return 0
    const [running, waiting, places] = [this.#running.size, this.#queue.size, this.#freePlaces()]
    const state = { running, waiting, places, oldestArrivedAt: oldest.arrivedAt }
    return firstPassDelay(state, this.#options.timeoutMicros, now)
  }

  #sendAll(now: number): void {
    this.#endWaitForCompany()
    while (this.#freePlaces() > 0) {
      const item = this.#queue.take()?.item
      if (item === undefined) return
      this.#running.set(item, now)
      this.#options.send(item, now)
    }
  }

  async #dispatchAfter(millis: number): Promise<void> {
    const company = new AbortController()
    this.#company = company
    await this.#options.clock.sleep(millis, company.signal).catch(() => {})
    if (company.signal.aborted) return
    this.#company = undefined
    this.dispatch()
  }

  #endWaitForCompany(): void {
    this.#company?.abort()
    this.#company = undefined
  }

  #full(now: number): HadalError {
    const { maxBatchSize, maxQueue } = this.#options
    const [longest = now] = this.#running.values()
    const retryAfterSeconds = this.#rate.retryAfterSeconds(this.#queue.size, maxBatchSize, now - longest)
    return queueFull(maxQueue).with({ retryAfterSeconds })
  }
}
