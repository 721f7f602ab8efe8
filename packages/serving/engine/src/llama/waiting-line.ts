/**
 * The queue in front of the engine process: limits the running and the queued requests, and while the process is idle lets the
 * first one wait briefly for batch mates. A request more urgent than some running ones may be sent to a full process, which
 * preempts. Requests that cannot get a slot or a first result in time are rejected with a Retry-After.
 */

import type { Clock, HadalError } from '@hadal/base'
import {
  type Backlog,
  FairQueue,
  firstPassDelay,
  type QueuePlace,
  ServiceRate,
  type Waiting,
  type WeightOf,
} from '@hadal/batching'
import { deadlineUnmet, queueFull } from '../errors.ts'
import type { ResolvedOptions } from './options.ts'

export interface WaitingLineOptions<Item>
  extends Pick<ResolvedOptions, 'maxBatchSize' | 'maxQueue' | 'timeoutMicros'> {
  readonly clock: Clock
  /** Whether the process can preempt for a more urgent request. */
  readonly canPreempt?: boolean
  readonly weightOf?: WeightOf
  readonly agingMillis?: number
  /** Whether there is a process. */
  readonly isOpen: () => boolean
  /** Sends it to the process. */
  readonly send: (item: Item, now: number) => void
  /** Its deadline cannot be met: it was removed from the queue. */
  readonly late?: (item: Item, error: HadalError) => void
  /** The queued or running requests changed. */
  readonly onChange: () => void
}

/** Queueing attributes; absent: the defaults. `withinMillis`: deadline for the first result. */
export type LinePlace = Partial<Omit<QueuePlace, 'dueAt'>> & { readonly withinMillis?: number }

interface Running {
  readonly since: number
  readonly place: QueuePlace
}

export class WaitingLine<Item> {
  #options: WaitingLineOptions<Item>
  readonly #queue: FairQueue<Item>
  readonly #rate = new ServiceRate()
  /** In the process. */
  readonly #running = new Map<Item, Running>()
  /** Deadlines for first results. */
  readonly #promised = new Map<Item, number>()
  /** The wait for batch mates. */
  #company: AbortController | undefined
  /** The wait for the next deadline. */
  #lateness: { readonly at: number; readonly wait: AbortController } | undefined

  constructor(options: WaitingLineOptions<Item>) {
    this.#options = options
    this.#queue = new FairQueue(options)
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Queued requests, in order of arrival. */
  get inLine(): Iterable<Waiting<Item>> {
    return this.#queue.waiting
  }

  /** Requests in the process. */
  get inProcess(): Iterable<Item> {
    return this.#running.keys()
  }

  /** `queue_full` if a new request does not fit, `deadline_unmet` if it would be too late. */
  refusal({ priority = 0, key = '', withinMillis }: LinePlace): HadalError | undefined {
    const now = this.#options.clock.now()
    const backlog = this.#backlog(priority, key, now)
    // Requests that get a slot immediately are accepted, however slow the last ones were: otherwise a recovery would never be
    // noticed.
    const isLate =
      withinMillis !== undefined && mustWait(backlog) && this.#rate.firstMillis(backlog) > withinMillis
    if (!isLate && !this.#queue.isFull(backlog.free, key)) return undefined
    const refused = isLate ? deadlineUnmet(withinMillis) : queueFull(this.#options.maxQueue)
    return refused.with({ retryAfterSeconds: this.#retryAfterSeconds(now) })
  }

  /** Returns the `refusal`, or queues the request, which goes to the process as soon as possible. */
  enter(item: Item, wanted: LinePlace = {}): HadalError | undefined {
    const refused = this.refusal(wanted)
    if (refused !== undefined) return refused
    const { priority = 0, key = '', user, tokens = 1, withinMillis } = wanted
    const now = this.#options.clock.now()
    const backlog = this.#backlog(priority, key, now)
    const place = {
      priority,
      key,
      ...(user !== undefined && { user }),
      tokens,
      // A later slot would miss the deadline of the first result.
      ...(withinMillis !== undefined && { dueAt: now + this.#patience(withinMillis, mustWait(backlog)) }),
    }
    this.#queue.offer(item, place, now, backlog.free)
    if (withinMillis !== undefined) this.#promised.set(item, now + withinMillis)
    this.dispatch()
    return undefined
  }

  /** How long it may wait for a slot. */
  #patience(withinMillis: number, mustWait: boolean): number {
    const left = withinMillis - this.#rate.minMillis
    return left <= 0 && !mustWait ? withinMillis : Math.max(0, left)
  }

  /** Sends requests that have a slot to the process, unless a wait for batch mates is worthwhile. `atOnce` skips that wait. */
  dispatch({ atOnce = false }: { readonly atOnce?: boolean } = {}): void {
    const now = this.#options.clock.now()
    this.#dropLate(now)
    const delay = atOnce ? 0 : this.#delay(now)
    if (delay === 0) this.#sendAll(now)
    else if (this.#company === undefined) void this.#dispatchAfter(delay)
    this.#watchLateness()
    this.#options.onChange()
  }

  /** Takes effect immediately. Requests in the process stay there, even if they exceed `maxBatchSize`. */
  limit(changed: { readonly maxBatchSize: number; readonly timeoutMicros: number }): void {
    this.#options = { ...this.#options, ...changed }
    this.dispatch()
  }

  /** Serving it took `tokens` more than estimated; negative for fewer. */
  correct(item: Item, tokens: number): void {
    this.#queue.correct(item, tokens)
  }

  /** Its first result arrived. */
  gaveFirst(item: Item): void {
    const now = this.#options.clock.now()
    const running = this.#running.get(item)
    if (running !== undefined) this.#rate.recordFirst(now - running.since)
    const promised = this.#promised.get(item)
    if (promised !== undefined) this.#rate.promised(now <= promised)
  }

  /** The process has completed it. */
  served(item: Item): void {
    const running = this.#running.get(item)
    if (running !== undefined) this.#rate.record(this.#options.clock.now() - running.since)
    this.#end(item)
  }

  /** The request was cancelled; returns where it was. */
  leave(item: Item): 'process' | 'line' | undefined {
    if (this.#end(item)) return 'process'
    this.#promised.delete(item)
    return this.#queue.remove(item) ? 'line' : undefined
  }

  /** Removes and returns the requests of a process that died. */
  takeRunning(): Item[] {
    const items = [...this.#running.keys()]
    for (const item of items) this.#end(item)
    return items
  }

  takeWaiting(isMeant?: (item: Item) => boolean): Item[] {
    const items = this.#queue.clear(isMeant)
    for (const item of items) this.#promised.delete(item)
    if (this.#queue.size === 0) this.#endWaits()
    return items
  }

  #end(item: Item): boolean {
    this.#queue.done(item)
    this.#promised.delete(item)
    return this.#running.delete(item)
  }

  #freePlaces(): number {
    return this.#options.isOpen() ? Math.max(0, this.#options.maxBatchSize - this.#running.size) : 0
  }

  /**
   * Slots that a request of this priority could take immediately: free ones, and those of less urgent requests that can be
   * preempted.
   */
  #placesFor(priority: number): number {
    if (this.#options.canPreempt !== true || !this.#options.isOpen()) return this.#freePlaces()
    let lessUrgent = 0
    for (const { place } of this.#running.values()) if (place.priority > priority) lessUrgent += 1
    return Math.max(0, this.#options.maxBatchSize - this.#running.size + lessUrgent)
  }

  /** In milliseconds. */
  #delay(now: number): number {
    const oldestArrivedAt = this.#queue.oldestArrivedAt
    if (oldestArrivedAt === undefined) return 0
    const [running, waiting, places] = [this.#running.size, this.#queue.size, this.#freePlaces()]
    const nextDue = running > 0 ? undefined : this.#queue.nextDue
    const state = { running, waiting, places, oldestArrivedAt, nextDue }
    return firstPassDelay(state, this.#options.timeoutMicros, now)
  }

  #sendAll(now: number): void {
    this.#company?.abort()
    this.#company = undefined
    while (this.#placesFor(this.#queue.minPriority ?? 0) > 0) {
      const next = this.#queue.peek(now)
      if (next === undefined || this.#placesFor(next.place.priority) === 0) return
      const { item, place } = this.#queue.take(now)!
      this.#running.set(item, { since: now, place })
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

  #dropLate(now: number): void {
    const { late, isOpen } = this.#options
    // Without a process the wait cannot be estimated; queued requests fail if none becomes available.
    if (late === undefined || !isOpen()) return
    for (const item of this.#queue.removeLate(now)) {
      const retryAfterSeconds = this.#retryAfterSeconds(now)
      this.#promised.delete(item)
      this.#rate.promised(false)
      late(item, deadlineUnmet().with({ retryAfterSeconds }))
    }
  }

  #watchLateness(): void {
    const at = this.#options.late === undefined ? undefined : this.#queue.nextDue
    if (at === this.#lateness?.at) return
    this.#lateness?.wait.abort()
    this.#lateness = undefined
    if (at === undefined || !this.#options.isOpen()) return
    const wait = new AbortController()
    this.#lateness = { at, wait }
    void this.#dispatchAt(at, wait.signal)
  }

  async #dispatchAt(at: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(at - this.#options.clock.now(), signal).catch(() => {})
    if (signal.aborted) return
    this.#lateness = undefined
    this.dispatch()
  }

  #endWaits(): void {
    this.#company?.abort()
    this.#company = undefined
    this.#lateness?.wait.abort()
    this.#lateness = undefined
  }

  #backlog(priority: number, key: string, now: number): Backlog {
    return {
      ahead: this.#queue.ahead(priority, now, key),
      places: this.#options.maxBatchSize,
      free: this.#placesFor(priority),
      longestRunningMillis: this.#longestRunningMillis(now),
    }
  }

  #retryAfterSeconds(now: number): number {
    const { maxBatchSize } = this.#options
    return this.#rate.retryAfterSeconds(this.#queue.size, maxBatchSize, this.#longestRunningMillis(now))
  }

  #longestRunningMillis(now: number): number {
    const [longest] = this.#running.values()
    return longest === undefined ? 0 : now - longest.since
  }
}

const mustWait = ({ ahead, free }: Backlog): boolean => ahead >= free
